use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{Encoding, UTF_8};
use serde_json::Value;

/// A body as checks want to see it.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) text: Option<String>,
    pub(super) json: Option<Value>,
    pub(super) json_error: Option<String>,
    pub(super) base64: Option<String>,
}

impl Content {
    /// Reads a body by its content type.
    pub(super) fn read(body: Vec<u8>, content_type: &str) -> Self {
        let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        let essence = essence.trim().to_ascii_lowercase();
        let charset = charset(parameters);
        let mut content = if charset.is_none_or(|charset| charset == UTF_8) {
            Self::utf8(body, is_text(&essence) || charset.is_some())
        } else {
            Self::encoded(&body, charset.unwrap_or(UTF_8))
        };
        content.parse_json(&essence);
        content
    }

    fn utf8(body: Vec<u8>, is_text: bool) -> Self {
        match String::from_utf8(body) {
            Ok(mut text) => {
                if text.starts_with('\u{feff}') {
                    text.drain(..'\u{feff}'.len_utf8());
                }
                Self { text: Some(text), ..Self::default() }
            }
            Err(error) => {
                let bytes = error.into_bytes();
                let text = is_text.then(|| String::from_utf8_lossy(&bytes).into_owned());
                Self { text, base64: Some(STANDARD.encode(bytes)), ..Self::default() }
            }
        }
    }

    fn encoded(body: &[u8], charset: &'static Encoding) -> Self {
        let (text, _, broken): (Cow<'_, str>, _, _) = charset.decode(body);
        let base64 = broken.then(|| STANDARD.encode(body));
        Self { text: Some(text.into_owned()), base64, ..Self::default() }
    }

    fn parse_json(&mut self, essence: &str) {
        let Some(text) = &self.text else { return };
        let said = essence.ends_with("/json") || essence.ends_with("+json");
        let trimmed = text.trim_ascii();
        let looks = (trimmed.starts_with('{') && trimmed.ends_with('}'))
            || (trimmed.starts_with('[') && trimmed.ends_with(']'));
        if trimmed.is_empty() || !(said || looks) {
            return;
        }
        match serde_json::from_str(trimmed) {
            Ok(value) => self.json = Some(value),
            Err(error) if said => self.json_error = Some(error.to_string()),
            Err(_) => {}
        }
    }
}

fn charset(parameters: &str) -> Option<&'static Encoding> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| Encoding::for_label(value.as_bytes()))?
    })
}

/// Whether the content type speaks of text, so that wrong bytes in it are shown replaced.
fn is_text(essence: &str) -> bool {
    essence.starts_with("text/")
        || ["json", "xml", "javascript", "x-www-form-urlencoded", "yaml"]
            .iter()
            .any(|kind| essence.ends_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8], content_type: &str) -> Content {
        Content::read(body.to_vec(), content_type)
    }

    #[test]
    fn json_is_read_when_said_or_seen() {
        for content_type in ["application/json", "application/problem+json; charset=utf-8", ""] {
            let content = read(b"\xef\xbb\xbf {\"a\": 1}\n", content_type);
            assert_eq!(content.json, Some(serde_json::json!({"a": 1})), "{content_type}");
        }
        assert_eq!(read(b"3", "application/json").json, Some(3.into()));
        assert_eq!(read(b"3", "text/plain").json, None);
    }

    #[test]
    fn broken_json_says_why_only_when_json_was_said() {
        let content = read(b"{\"a\": }", "application/json");
        assert!(content.json_error.unwrap().contains("expected value at line 1"));
        assert_eq!(read(b"{a}", "text/css").json_error, None);
        assert_eq!(read(b"", "application/json").json_error, None);
    }

    #[test]
    fn texts_follow_their_charset() {
        let content = read(b"na\xefve", "text/plain; charset=\"ISO-8859-1\"");
        assert_eq!(content.text.as_deref(), Some("naïve"));
        assert_eq!(content.base64, None);
        let utf16 = read(b"{\0}\0", "application/json; charset=utf-16le");
        assert_eq!(utf16.json, Some(serde_json::json!({})));
    }

    #[test]
    fn bytes_that_are_no_text_are_kept_in_base64() {
        let content = read(b"\x89PNG\xff", "image/png");
        assert_eq!((content.text, content.base64.as_deref()), (None, Some("iVBOR/8=")));
        let content = read(b"a\xffb", "text/html");
        assert_eq!(content.text.as_deref(), Some("a\u{fffd}b"));
        assert_eq!(content.base64.as_deref(), Some("Yf9i"));
    }
}
