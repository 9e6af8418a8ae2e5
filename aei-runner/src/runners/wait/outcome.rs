use schemars::JsonSchema;
use serde::Serialize;

/// How long it took.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Outcome {
    /// The time waited, in milliseconds.
    pub waited_ms: f64,
}
