use globset::{GlobBuilder, GlobMatcher};

use super::Refusal;

/// The rules of one list, each with its place in the file.
#[derive(Debug, Clone)]
pub(super) struct Rules<T> {
    /// The list itself: `policy.toml:7: hosts.allow`.
    pub(super) place: String,
    pub(super) rules: Vec<Rule<T>>,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule<T> {
    pub(super) place: String,
    pub(super) value: T,
}

impl<T> Rules<T> {
    /// The first rule that fits.
    pub(super) fn find(&self, fits: impl Fn(&T) -> bool) -> Option<&Rule<T>> {
        self.rules.iter().find(|rule| fits(&rule.value))
    }

    /// Whether any rule fits; else what is asked for is refused, by the list as a whole.
    pub(super) fn allow(
        &self,
        what: impl FnOnce() -> String,
        fits: impl Fn(&T) -> bool,
    ) -> Result<(), Refusal> {
        match self.find(fits) {
            Some(_) => Ok(()),
            None => Err(Refusal { rule: self.place.clone(), what: what() }),
        }
    }
}

/// A name in which `*` stands for any letters.
#[derive(Debug, Clone)]
pub(super) struct Pattern(GlobMatcher);

impl Pattern {
    /// A pattern of names, or of paths, where `*` stays within a folder and `**` does not.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        glob.map(|glob| Self(glob.compile_matcher())).map_err(|error| error.kind().to_string())
    }

    pub(super) fn fits(&self, name: impl AsRef<std::path::Path>) -> bool {
        self.0.is_match(name)
    }
}

/// Whether a letter makes a text a pattern rather than a plain name.
pub(super) const fn is_wild(letter: char) -> bool {
    matches!(letter, '*' | '?' | '[' | '{')
}
