use crate::policy::Refusal;

/// An expression that cannot be read or evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What the node's policy forbids, when that is the reason.
    pub refusal: Option<Box<Refusal>>,
    /// The first byte to blame, in the text that was given.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl ExprError {
    pub(super) fn new(message: impl Into<String>, start: usize, end: usize) -> Self {
        Self { message: message.into(), help: None, refusal: None, start, end }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error, seen from a text that the expression is a part of.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.start += by;
        self.end += by;
        self
    }
}
