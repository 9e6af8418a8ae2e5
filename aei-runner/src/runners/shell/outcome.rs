use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// How the program ended and what it printed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Outcome {
    /// The exit code; null when a signal ended the program.
    pub exit_code: Option<i32>,
    /// The signal that ended the program, such as `SIGKILL`; null when it exited by itself.
    pub signal: Option<String>,
    /// What went to standard output, without the line end that closes it. Bytes that are no UTF-8
    /// are replaced by `�`.
    pub stdout: String,
    /// What went to standard error, without the line end that closes it.
    pub stderr: String,
    /// Standard output as JSON; absent when it is none or was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdout_json: Option<Value>,
    /// The time from start to end, in milliseconds.
    pub duration_ms: f64,
    /// Whether output went past `max_output`: its middle is then left out, with a mark in its
    /// place.
    pub truncated: bool,
}
