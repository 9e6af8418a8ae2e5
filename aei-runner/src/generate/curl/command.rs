use super::flags;
use super::shell::{Line, Word};

/// An option of a command, by its long name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flag {
    pub(super) name: String,
    /// As it was written, for notes.
    pub(super) written: String,
    pub(super) value: String,
}

/// A `curl` command, or one part of it between `--next`.
#[derive(Debug, Default)]
pub(super) struct Command {
    pub(super) line: usize,
    pub(super) flags: Vec<Flag>,
    pub(super) urls: Vec<String>,
    pub(super) left_out: Vec<String>,
}

impl Command {
    /// Reads the words after `curl`.
    pub(super) fn read(line: &Line, words: &[Word]) -> Vec<Self> {
        let first_line = words.first().map_or(1, |word| word.line);
        let mut all = Vec::new();
        let mut current =
            Self { line: first_line, left_out: line.left_out.clone(), ..Self::default() };
        let mut rest = words.iter();
        let mut only_urls = false;
        while let Some(word) = rest.next() {
            let text = word.text.as_str();
            if only_urls || !text.starts_with('-') || text == "-" {
                current.urls.push(text.to_owned());
            } else if text == "--" {
                only_urls = true;
            } else if let Some(long) = text.strip_prefix("--") {
                if long == "next" {
                    all.push(std::mem::take(&mut current));
                    current.line = word.line;
                    continue;
                }
                current.long(long, &mut rest);
            } else {
                current.short(&text[1..], &mut rest);
            }
        }
        all.push(current);
        all
    }

    fn long<'w>(&mut self, long: &str, rest: &mut impl Iterator<Item = &'w Word>) {
        // curl takes `--name value` only; `--name=value` is a common slip.
        let (name, given) = match long.split_once('=') {
            Some((name, value)) if flags::takes_value(name) => (name, Some(value.to_owned())),
            _ => (long, None),
        };
        let mut value = given.unwrap_or_default();
        if value.is_empty() && flags::takes_value(name) {
            value = rest.next().map(|word| word.text.clone()).unwrap_or_default();
        }
        self.push(name, format!("--{name}"), value);
    }

    fn short<'w>(&mut self, letters: &str, rest: &mut impl Iterator<Item = &'w Word>) {
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            let written = format!("-{letter}");
            let Some(name) = flags::long_name(letter) else {
                self.push(&letter.to_string(), written, String::new());
                continue;
            };
            if flags::takes_value(name) {
                let attached: String = letters.by_ref().collect();
                let value = if attached.is_empty() {
                    rest.next().map(|word| word.text.clone()).unwrap_or_default()
                } else {
                    attached
                };
                self.push(name, written, value);
                return;
            }
            self.push(name, written, String::new());
        }
    }

    fn push(&mut self, name: &str, written: String, value: String) {
        if name == "url" {
            self.urls.push(value);
            return;
        }
        self.flags.push(Flag { name: name.to_owned(), written, value });
    }

    /// Whether an option is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| flag.name == name)
    }
}
