use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// It is in the database; the value is what it gave.
    Committed(Value),
    /// It changed nothing.
    Rejected(Rejection),
}

/// Why a command was rejected: the makings of a problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The HTTP status.
    pub status: u16,
    /// A stable word for programs.
    pub code: String,
    /// What went wrong.
    pub title: String,
    /// The particulars.
    pub detail: Option<String>,
    /// The sequence number wanted next.
    pub expected: Option<u64>,
}

impl Rejection {
    pub(crate) fn new(status: u16, code: &str, title: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), title: title.into(), detail: None, expected: None }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Something that is not there, or is another's: nobody can tell the difference.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, "not-found", format!("there is no such {what}"))
    }

    pub(crate) fn conflict(code: &str, title: impl Into<String>) -> Self {
        Self::new(409, code, title)
    }
}
