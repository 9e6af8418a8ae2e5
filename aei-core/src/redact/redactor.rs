use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde_json::{Map, Value};

use super::encodings::spellings;

/// Replaces secret values, in all the encodings they could appear in, by `***`.
#[derive(Debug, Default)]
pub struct Redactor {
    search: Option<AhoCorasick>,
    /// What is searched for, sorted.
    patterns: Vec<String>,
    /// The length of the longest pattern in bytes.
    longest: usize,
    /// The secrets themselves, for values that are nothing else.
    whole: Vec<String>,
}

/// What stands in place of a secret.
pub const MASK: &str = "***";

impl Redactor {
    /// A redactor for these secret values. Empty ones are ignored.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let mut patterns = BTreeSet::new();
        let mut whole = Vec::new();
        for secret in secrets {
            let secret = secret.as_ref();
            if !secret.is_empty() {
                spellings(secret, &mut patterns);
                whole.push(secret.to_owned());
            }
        }
        let patterns: Vec<String> = patterns.into_iter().collect();
        // Not the automaton that is fastest to search with: it takes seconds to build for a long
        // secret that repeats itself. Building fails only past the address space of its states.
        let mut builder = AhoCorasick::builder();
        builder.kind(Some(AhoCorasickKind::ContiguousNFA));
        let search = (!patterns.is_empty()).then(|| builder.build(&patterns).ok()).flatten();
        let longest = patterns.iter().map(String::len).max().unwrap_or(0);
        Self { search, patterns, longest, whole }
    }

    /// Whether there is nothing to hide.
    pub const fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    /// The text without secrets, when it had any.
    pub fn cleaned(&self, text: &str) -> Option<String> {
        self.search.as_ref()?.is_match(text).then(|| {
            let mut clean = String::with_capacity(text.len());
            let mut at = 0;
            for range in self.secrets(text, 0) {
                clean.push_str(&text[at..range.start]);
                clean.push_str(MASK);
                at = range.end;
            }
            clean.push_str(&text[at..]);
            clean
        })
    }

    /// Where secrets stand, the first `masked` bytes taken for a part of one. Those that overlap
    /// make one range, so that no tail of either is left.
    pub(super) fn secrets(&self, text: &str, masked: usize) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        if masked > 0 {
            ranges.push(0..masked);
        }
        let matches = self.search.iter().flat_map(|search| search.find_overlapping_iter(text));
        for found in matches {
            let (mut start, mut end) = (found.start(), found.end());
            while let Some(last) = ranges.pop_if(|last| last.end > start) {
                start = start.min(last.start);
                end = end.max(last.end);
            }
            ranges.push(start..end);
        }
        ranges
    }

    /// The first place from which the rest of a text could be the start of a secret.
    pub(super) fn possible_start(&self, text: &str) -> usize {
        let from = text.len().saturating_sub(self.longest.saturating_sub(1));
        let starts = |rest: &str| {
            let at = self.patterns.partition_point(|pattern| pattern.as_str() <= rest);
            self.patterns.get(at).is_some_and(|pattern| pattern.starts_with(rest))
        };
        (from..text.len())
            .find(|&at| text.is_char_boundary(at) && starts(&text[at..]))
            .unwrap_or(text.len())
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

    /// Takes secrets out of every text of a value, keys too. A value that is a secret and nothing
    /// else, were it short or a number, becomes the mask.
    pub fn clean_value(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.whole.contains(text) => MASK.clone_into(text),
            Value::String(text) => self.clean(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_value(item)),
            Value::Object(map) => self.clean_map(map),
            Value::Number(number) if self.whole.contains(&number.to_string()) => {
                *value = Value::from(MASK);
            }
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

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const SECRET: &str = "pä55 w\"o/r<d>&'?~x+";

    fn cleaned(secret: &str, text: &str) -> String {
        Redactor::new([secret]).cleaned(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn secrets_are_hidden_in_every_encoding() {
        for text in [
            SECRET,
            "pä55 w\\\"o/r<d>&'?~x+",
            "pä55 w\\\"o\\/r<d>&'?~x+",
            "p\\u00e455 w\\\"o/r<d>&'?~x+",
            "pä55 w\\\\\\\"o/r<d>&'?~x+",
            "p\\u00e455 w\\\"o\\/r<d>&'?~x+",
            "pä55 w\\\"o/r\\u003cd\\u003e\\u0026'?~x+",
            "p\\u00E455 w\\\"o/r\\u003Cd\\u003E\\u0026'?~x+",
            "p%C3%A455%20w%22o%2Fr%3Cd%3E%26%27%3F~x%2B",
            "p%c3%a455%20w%22o%2fr%3cd%3e%26%27%3f~x%2b",
            "p%C3%A455%20w%22o%2Fr%3Cd%3E%26'%3F~x%2B",
            "p%C3%A455+w%22o%2Fr%3Cd%3E%26%27%3F%7Ex%2B",
            "pä55 w&quot;o/r&lt;d&gt;&amp;&#39;?~x+",
            "pä55 w&quot;o/r&lt;d&gt;&amp;&#x27;?~x+",
            "pä55 w&#34;o/r&#60;d&#62;&#38;&#39;?~x+",
            "70c3a4353520 77226f2f723c643e26273f7e782b".replace(' ', "").as_str(),
            "70C3A4353520 77226F2F723C643E26273F7E782B".replace(' ', "").as_str(),
            &STANDARD.encode(SECRET),
            &URL_SAFE_NO_PAD.encode(SECRET),
        ] {
            let shown = cleaned(SECRET, &format!("<{text}>"));
            assert!(shown.len() <= 7 && shown.contains(MASK), "{text}: {shown}");
        }
    }

    #[test]
    fn base64_in_lines_is_hidden() {
        let secret: String =
            (0..100_u8).map(|at| char::from(b'!' + at % 9 * 10 + at / 9 % 10)).collect();
        for (width, after) in [(76, ""), (76, "\n"), (64, "")] {
            let text = STANDARD.encode(secret.clone() + after);
            let lines: Vec<&str> =
                text.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
            let shown = cleaned(&secret, &lines.join("\n"));
            let left: usize = shown.lines().map(|line| line.replace(MASK, "").len()).sum();
            assert!(left <= 4, "{width}: {shown}");
        }
    }

    #[test]
    fn lines_of_a_secret_are_secrets() {
        let key = "-----BEGIN KEY-----\r\nabcdefgh\r\n}\r\nijkl\n";
        assert_eq!(cleaned(key, "a abcdefgh b } c\nijkl"), "a *** b } c\n***");
        assert_eq!(cleaned("token\n", "x token y"), "x *** y");
    }

    #[test]
    fn short_secrets_hide_only_values_that_are_them() {
        let redactor = Redactor::new(["7", "ab"]);
        assert_eq!(redactor.cleaned("ab 7"), None);
        let mut value = json!({"a": 7, "b": "ab", "c": [77, "abc", "7"], "d": 7.5});
        redactor.clean_value(&mut value);
        assert_eq!(value, json!({"a": "***", "b": "***", "c": [77, "abc", "***"], "d": 7.5}));
    }

    #[test]
    fn overlapping_secrets_leave_no_tail() {
        let redactor = Redactor::new(["abcdef", "defghi", "cde"]);
        assert_eq!(redactor.cleaned("xabcdefghiy").as_deref(), Some("x***y"));
    }

    proptest! {
        #[test]
        fn base64_is_hidden_whatever_stands_around_it(
            before in prop::collection::vec(any::<u8>(), 0..9),
            secret in "[a-zA-Z0-9!-~]{6,20}",
            after in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let bytes = [before, secret.clone().into_bytes(), after].concat();
            for text in [STANDARD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
                prop_assert!(cleaned(&secret, &text).contains(MASK), "{}", text);
            }
        }
    }
}
