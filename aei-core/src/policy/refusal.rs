use std::fmt;

use crate::runner::{StepError, StepErrorKind};

/// Something that the node's policy forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule, by its place: `policy.toml:7: hosts.allow`.
    pub rule: String,
    /// What was asked for, as a fragment that `is not allowed` can follow.
    pub what: String,
}

impl Refusal {
    /// What to do about it.
    pub const HELP: &'static str =
        "The node's policy decides what templates may do there; its administrator can change it.";
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not allowed ({})", self.what, self.rule)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for StepError {
    fn from(refusal: Refusal) -> Self {
        Self::new(StepErrorKind::Refused, refusal.to_string()).help(Refusal::HELP)
    }
}
