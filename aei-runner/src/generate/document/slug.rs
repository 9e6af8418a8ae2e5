use std::collections::HashMap;

/// The longest id made of a text.
const LONGEST: usize = 64;

/// A text as an id: lower-case letters, digits, `-`, `_` and `.`.
pub(in crate::generate) fn slug(text: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            // `getPetById` reads better as `get-pet-by-id`.
            if c.is_ascii_uppercase() && previous_lower {
                out.push('-');
            }
            previous_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            out.push(c.to_ascii_lowercase());
        } else {
            previous_lower = false;
            if !out.is_empty() && !out.ends_with('-') {
                out.push('-');
            }
        }
    }
    out.truncate(LONGEST);
    out.trim_matches(['-', '.']).to_owned()
}

/// Gives out ids, each once.
#[derive(Debug, Default)]
pub(in crate::generate) struct Slugs {
    taken: HashMap<String, usize>,
}

impl Slugs {
    /// The slug of a text, with a number when it is taken already.
    pub(in crate::generate) fn unique(&mut self, text: &str, fallback: &str) -> String {
        let mut wanted = slug(text);
        if wanted.is_empty() {
            fallback.clone_into(&mut wanted);
        }
        self.claim(wanted, '-')
    }

    /// A name for expressions: letters, digits and `_`.
    pub(in crate::generate) fn unique_name(&mut self, text: &str, fallback: &str) -> String {
        let mut wanted = slug(text).replace(['-', '.'], "_");
        if !wanted.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            wanted = if wanted.is_empty() { fallback.to_owned() } else { format!("_{wanted}") };
        }
        self.claim(wanted, '_')
    }

    fn claim(&mut self, wanted: String, joint: char) -> String {
        if !self.taken.contains_key(&wanted) {
            self.taken.insert(wanted.clone(), 1);
            return wanted;
        }
        loop {
            let count = self.taken.entry(wanted.clone()).or_insert(1);
            *count += 1;
            let next = format!("{wanted}{joint}{count}");
            if !self.taken.contains_key(&next) {
                self.taken.insert(next.clone(), 1);
                return next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_read_well() {
        assert_eq!(slug("getPetById"), "get-pet-by-id");
        assert_eq!(slug("GET /pets/{petId}"), "get-pets-pet-id");
        assert_eq!(slug("--Ü--"), "");
    }

    #[test]
    fn slugs_are_given_once() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.unique("a", "case"), "a");
        assert_eq!(slugs.unique("a", "case"), "a-2");
        assert_eq!(slugs.unique("a-2", "case"), "a-2-2");
        assert_eq!(slugs.unique("ü", "case"), "case");
        assert_eq!(slugs.unique_name("1st", "var"), "_1st");
    }
}
