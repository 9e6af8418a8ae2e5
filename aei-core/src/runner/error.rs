use serde_json::Value;

/// A step that could not be carried out.
///
/// A check that does not hold is never an error: that is a `failed` step, this is an `errored`
/// one (or `timed_out`, `cancelled`, `refused`, by its kind).
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct StepError {
    /// What sort of trouble.
    pub kind: StepErrorKind,
    /// A lower-case fragment for people: what went wrong, with the names involved.
    pub message: String,
    /// What to do about it, as a sentence of its own.
    pub help: Option<String>,
    /// The key of `with` that is to blame, as a JSON pointer (`/url`), so that the message can
    /// point at its line.
    pub at: Option<String>,
    /// Whether the step's own `retry` may help. A wrong parameter stays wrong.
    pub retryable: bool,
    /// What was known when it went wrong: a partial outcome for the report.
    pub detail: Option<Box<Value>>,
}

/// The sorts of trouble a step can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepErrorKind {
    /// A parameter is missing, of the wrong type or makes no sense.
    InvalidParams,
    /// The other side could not be reached, or hung up.
    Connection,
    /// The other side broke the rules of its protocol.
    Protocol,
    /// A local resource (file, process, memory) was not to be had.
    Io,
    /// A limit of the runner was passed (size, redirects).
    Limit,
    /// The time was up.
    TimedOut,
    /// Somebody cancelled.
    Cancelled,
    /// The node's policy forbids it.
    Refused,
    /// A defect of the runner itself.
    Internal,
}

impl StepError {
    /// An error of a kind; `Connection`, `Io` and `TimedOut` count as retryable.
    pub fn new(kind: StepErrorKind, message: impl Into<String>) -> Self {
        use StepErrorKind::{Connection, Io, Protocol, TimedOut};
        let retryable = matches!(kind, Connection | Io | Protocol | TimedOut);
        Self { kind, message: message.into(), help: None, at: None, retryable, detail: None }
    }

    /// Says what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at the key of `with` to blame, as a JSON pointer.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.at = Some(pointer.into());
        self
    }

    /// Keeps what was known when it went wrong.
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = Some(Box::new(detail));
        self
    }
}
