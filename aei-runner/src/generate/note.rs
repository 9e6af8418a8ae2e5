use std::fmt;

/// Something of the foreign document that the template does not have, or has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where in the foreign document, such as `GET /pets`, `line 4` or `entry 3`.
    pub place: String,
    /// What, as a sentence fragment for people.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            return f.write_str(&self.text);
        }
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Collects notes; the same one at the same place is kept once.
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    /// Where the generator is.
    place: String,
}

/// More notes than a person reads are summed up in one.
const MOST: usize = 200;

impl Notes {
    /// Later notes are about this place.
    pub(super) fn enter(&mut self, place: impl Into<String>) {
        self.place = place.into();
    }

    /// Something was not carried over here.
    pub(super) fn add(&mut self, text: impl Into<String>) {
        let note = Note { place: self.place.clone(), text: text.into() };
        if self.notes.len() <= MOST && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn finish(mut self) -> Vec<Note> {
        if self.notes.len() > MOST {
            self.notes.truncate(MOST);
            self.notes.push(Note {
                place: String::new(),
                text: format!("more than {MOST} notes; the rest is left out"),
            });
        }
        self.notes
    }
}
