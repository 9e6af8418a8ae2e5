//! Foreign bytes as text and as trees.

use aei_core::source::{self, SourceMap, Syntax};
use serde_json::Value;

use super::GenerateError;

/// The bytes as text, a byte order mark left out; `None` when they are no UTF-8.
pub(super) fn text(content: &[u8]) -> Option<&str> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    std::str::from_utf8(content).ok()
}

/// The bytes as JSON or YAML.
///
/// JSON is read as the web reads it (the last of two equal keys holds); what is wrong in it is
/// told by the strict reader, which shows the place.
pub(super) fn tree(name: &str, content: &[u8]) -> Result<Value, GenerateError> {
    let plain = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    if let Ok(value) = serde_json::from_slice(plain) {
        return Ok(value);
    }
    let is_json = plain.trim_ascii_start().starts_with(b"{");
    let syntax =
        if is_json && Syntax::of_path(name) == Syntax::Json { Syntax::Json } else { Syntax::Yaml };
    let mut map = SourceMap::default();
    let name = if name.is_empty() { "input" } else { name };
    source::parse(&mut map, name, content.to_vec(), syntax).map(|node| node.to_value()).map_err(
        |diagnostic| GenerateError::Syntax { message: source::render(&[diagnostic], &map, false) },
    )
}

/// Whether the bytes look like JSON or YAML of a map, so that a mistake in them is worth telling.
pub(super) fn looks_structured(content: &[u8]) -> bool {
    let Some(text) = text(content) else { return false };
    let start = text.trim_start();
    start.starts_with('{')
        || ["openapi:", "swagger:"]
            .iter()
            .any(|key| start.starts_with(key) || start.contains(&format!("\n{key}")))
}
