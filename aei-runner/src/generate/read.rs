//! Foreign bytes as text and as trees.

use std::borrow::Cow;

use serde_json::Value;

use super::GenerateError;

/// The bytes as text, a byte order mark left out; `None` when they are no UTF-8.
pub(super) fn text(content: &[u8]) -> Option<Cow<'_, str>> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    std::str::from_utf8(content).ok().map(Cow::Borrowed)
}

/// The bytes as JSON or YAML.
pub(super) fn tree(_name: &str, content: &[u8]) -> Result<Value, GenerateError> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    serde_json::from_slice(content).map_err(|error| GenerateError::At {
        line: error.line(),
        column: error.column(),
        message: format!("not valid JSON: {error}"),
    })
}

/// Whether the bytes look like JSON or YAML of a map, so that a mistake in them is worth telling.
pub(super) fn looks_structured(content: &[u8]) -> bool {
    let Some(text) = text(content) else { return false };
    let start = text.trim_start();
    start.starts_with('{')
        || ["openapi:", "swagger:", "\nopenapi:", "\nswagger:"]
            .iter()
            .any(|key| start.contains(key))
}
