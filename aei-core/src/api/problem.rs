use serde::{Deserialize, Serialize};

/// Why a request was not carried out ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{title}{}", .detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default())]
pub struct Problem {
    /// `about:blank`, since `code` says more.
    #[serde(rename = "type", default = "about_blank")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// A stable word for programs, such as `not-found`.
    pub code: String,
    /// What went wrong, for people.
    pub title: String,
    /// The particulars, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The mistakes in what was sent, each at its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
    /// For `events-gap`: the sequence number that the server wants next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<u64>,
}

/// One mistake in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mistake {
    /// A stable word for the sort of mistake, such as `unknown-key`.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters are meant.
    pub length: u32,
}

fn about_blank() -> String {
    "about:blank".to_owned()
}
