//! Mistakes that people can mend: what, where, why, what to do.

use crate::source::Span;

/// One mistake in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable word for the sort of mistake, such as `unknown-key`.
    pub code: &'static str,
    /// Whether it stops a run.
    pub severity: Severity,
    /// What is wrong, as a lower-case fragment with values in backticks.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A few words under the caret, when they add to the message.
    pub label: Option<String>,
    /// What to do, as a sentence: `did you mean …`.
    pub help: Option<String>,
    /// Other places that matter, with a few words each.
    pub related: Vec<(Span, String)>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can run.
    Error,
    /// It can run, but hardly as meant.
    Warning,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            label: None,
            help: None,
            related: Vec::new(),
        }
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, span) }
    }

    /// Adds words under the caret.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that matters.
    pub fn related(mut self, span: Span, words: impl Into<String>) -> Self {
        self.related.push((span, words.into()));
        self
    }
}

/// The known name that is most like a wrong one, if any is like it at all.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance =
        |name: &str| strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase());
    let limit = (wrong.chars().count() / 3).max(1) + 1;
    known
        .into_iter()
        .map(|name| (distance(name), name))
        .filter(|(d, name)| *d <= limit && *d < name.chars().count().max(2))
        .min_by_key(|(d, _)| *d)
        .map(|(_, name)| name)
}
