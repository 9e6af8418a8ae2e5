//! Keeps secrets out of everything that leaves the engine.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::{Map, Value};

/// Replaces secret values, in all the encodings they could appear in, by `***`.
#[derive(Debug, Default)]
pub struct Redactor {
    search: Option<AhoCorasick>,
    /// The length of the longest pattern in bytes.
    longest: usize,
}

/// What stands in place of a secret.
pub const MASK: &str = "***";

impl Redactor {
    /// A redactor for these secret values. Empty ones are ignored.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let patterns: Vec<String> = secrets
            .into_iter()
            .filter(|secret| !secret.as_ref().is_empty())
            .map(|secret| secret.as_ref().to_owned())
            .collect();
        if patterns.is_empty() {
            return Self::default();
        }
        let search =
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns).ok();
        let longest = patterns.iter().map(String::len).max().unwrap_or(0);
        Self { search, longest }
    }

    /// Whether there is nothing to hide.
    pub const fn is_empty(&self) -> bool {
        self.search.is_none()
    }

    /// The text without secrets, when it had any.
    pub fn cleaned(&self, text: &str) -> Option<String> {
        let search = self.search.as_ref()?;
        search.is_match(text).then(|| {
            let mut clean = String::with_capacity(text.len());
            search.replace_all_with(text, &mut clean, |_, _, out| {
                out.push_str(MASK);
                true
            });
            clean
        })
    }

    /// Takes secrets out of a text.
    pub fn clean(&self, text: &mut String) {
        if let Some(clean) = self.cleaned(text) {
            *text = clean;
        }
    }

    /// Takes secrets out of a text that may be absent.
    pub fn clean_option(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.clean(text);
        }
    }

    /// Takes secrets out of every text of a value, keys too.
    pub fn clean_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.clean(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_value(item)),
            Value::Object(map) => self.clean_map(map),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Takes secrets out of every text of a map, keys too.
    pub fn clean_map(&self, map: &mut Map<String, Value>) {
        if self.is_empty() {
            return;
        }
        map.values_mut().for_each(|value| self.clean_value(value));
        if map.keys().any(|key| self.cleaned(key).is_some()) {
            let entries = std::mem::take(map).into_iter();
            *map = entries.map(|(key, v)| (self.cleaned(&key).unwrap_or(key), v)).collect();
        }
    }
}

/// Takes secrets out of a stream that arrives in pieces.
///
/// Keeps back as much as the start of a secret could take, until more comes or the end.
#[derive(Debug)]
pub struct StreamRedactor {
    redactor: Arc<Redactor>,
    kept: String,
}

impl StreamRedactor {
    /// A stream without anything in it yet.
    pub const fn new(redactor: Arc<Redactor>) -> Self {
        Self { redactor, kept: String::new() }
    }

    /// Takes the next piece; gives what is safe to show.
    pub fn push(&mut self, text: &str) -> String {
        if self.redactor.is_empty() {
            return text.to_owned();
        }
        self.kept.push_str(text);
        self.redactor.clean(&mut self.kept);
        let keep = self.redactor.longest.saturating_sub(1);
        let safe = self.kept.floor_char_boundary(self.kept.len().saturating_sub(keep));
        let rest = self.kept.split_off(safe);
        std::mem::replace(&mut self.kept, rest)
    }

    /// Gives what was kept back.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.kept)
    }
}
