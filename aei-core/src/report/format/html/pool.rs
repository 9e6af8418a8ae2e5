use std::collections::HashMap;

/// Texts that are written once and then named by number.
#[derive(Debug, Default)]
pub(super) struct Pool {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

/// More texts than this are no repetition, and memory must not grow with the report.
const LIMIT: usize = 60_000;
/// Longer texts are hardly repeated, and hashing them costs time.
const LONGEST: usize = 200;

impl Pool {
    /// The number of a text, or `None` when it is to be written in place.
    pub(super) fn number(&mut self, text: &str) -> Option<u32> {
        if text.len() > LONGEST {
            return None;
        }
        if let Some(&number) = self.numbers.get(text) {
            return Some(number);
        }
        if self.texts.len() >= LIMIT {
            return None;
        }
        let number = u32::try_from(self.texts.len()).ok()?;
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        Some(number)
    }

    /// All texts, by number.
    pub(super) fn texts(&self) -> &[Box<str>] {
        &self.texts
    }
}
