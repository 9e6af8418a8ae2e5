use std::time::Duration;

use serde_json::Value;

use crate::template::Check;

/// What a runner says of itself: its kind, its two schemas and its habits.
///
/// Values, not constants: plugins learn them when they start.
#[derive(Debug, Clone)]
pub struct RunnerSpec {
    /// The name that `uses` refers to.
    pub kind: String,
    /// One sentence for lists.
    pub summary: String,
    /// A short YAML example of a step, for the reference page.
    pub example: String,
    /// JSON Schema (2020-12) of `with`.
    pub params: Value,
    /// JSON Schema (2020-12) of the outcome.
    pub outcome: Value,
    /// Checks used when `expect` says nothing of the value that they look at.
    pub default_checks: Vec<Check>,
    /// How long after a cancel or a timeout the runner may go on to clean up. When it is over
    /// (or at once, when zero) its future is dropped.
    pub grace: Duration,
}
