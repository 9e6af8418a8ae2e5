use schemars::JsonSchema;
use serde::Serialize;

/// What was said and heard.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Outcome {
    /// Whether the connection was made (or the session's was there).
    pub connected: bool,
    /// Why it was not; absent when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The address connected to, as numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The expectation that was not met, and why; an empty text when all were.
    pub unmet: String,
    /// What was received in this step, as text; bytes that are no UTF-8 are replaced by `�`.
    pub received: String,
    /// What was received in this step, in hexadecimal.
    pub received_hex: String,
    /// How many bytes were received.
    pub bytes_in: u64,
    /// How many bytes were sent.
    pub bytes_out: u64,
    /// What each expectation found, in order.
    pub matches: Vec<Match>,
    /// Whether the other side has closed the connection.
    pub closed: bool,
    /// How long the name look-up and the connection took, in milliseconds; 0 for a session that
    /// was open.
    pub connect_ms: f64,
    /// How long the TLS handshake took, in milliseconds; absent without TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_ms: Option<f64>,
    /// How long the step took, in milliseconds.
    pub duration_ms: f64,
}

/// What an expectation found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Match {
    /// Everything up to and with what was expected, as text; a line without its line end.
    pub text: String,
    /// The same in hexadecimal, line end included.
    pub hex: String,
    /// The groups of the regular expression: by number from 1, null when a group took no part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Option<String>>,
    /// When it was found, in milliseconds from the start of the step.
    pub at_ms: f64,
}
