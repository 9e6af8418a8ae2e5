use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use super::fields::text_of;
use super::payload::{Part as Piece, Payload};
use aei_core::runner::StepError;

/// The parts of a `multipart/form-data` body, in the order written.
#[derive(Debug, Clone, PartialEq)]
pub struct Multipart(Vec<(String, Part)>);

/// One part: its content, and how it is labelled.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    content: Content,
    filename: Option<String>,
    content_type: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Bytes(Vec<u8>),
    File(String),
}

/// A part as a map.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PartEntry {
    /// The part's content, as text.
    #[serde(default)]
    text: Option<String>,
    /// The part's content, as bytes.
    #[serde(default)]
    base64: Option<String>,
    /// A file with the part's content, relative to the template.
    #[serde(default)]
    file: Option<String>,
    /// The file name to send; default is that of `file`.
    #[serde(default)]
    filename: Option<String>,
    /// The content type to send; guessed from the file name.
    #[serde(default)]
    content_type: Option<String>,
}

/// Decodes a text of base64.
pub(super) fn bytes_of_base64<E: de::Error>(value: &Value) -> Result<Vec<u8>, E> {
    let text = value.as_str().ok_or_else(|| E::custom("`base64` is a text"))?;
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).map_err(|error| E::custom(format_args!("`base64` is wrong: {error}")))
}

impl Part {
    fn from_value<E: de::Error>(name: &str, value: Value) -> Result<Self, E> {
        let Value::Object(map) = value else {
            let text = text_of(&value).unwrap_or_default().into_owned();
            let content = Content::Bytes(text.into_bytes());
            return Ok(Self { content, filename: None, content_type: None });
        };
        let entry: PartEntry = serde_json::from_value(Value::Object(map))
            .map_err(|error| E::custom(format_args!("part `{name}`: {error}")))?;
        let content = match (entry.text, entry.base64, entry.file) {
            (Some(text), None, None) => Content::Bytes(text.into_bytes()),
            (None, Some(text), None) => Content::Bytes(bytes_of_base64(&Value::String(text))?),
            (None, None, Some(path)) => Content::File(path),
            _ => {
                return Err(E::custom(format_args!(
                    "part `{name}` has one of `text`, `base64` and `file`"
                )));
            }
        };
        Ok(Self { content, filename: entry.filename, content_type: entry.content_type })
    }
}

impl<'de> Deserialize<'de> for Multipart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut parts = Vec::new();
        for (name, value) in Map::deserialize(deserializer)? {
            match value {
                Value::Null => {}
                Value::Array(items) => {
                    for item in items {
                        parts.push((name.clone(), Part::from_value(&name, item)?));
                    }
                }
                one => {
                    let part = Part::from_value(&name, one)?;
                    parts.push((name, part));
                }
            }
        }
        Ok(Self(parts))
    }
}

impl JsonSchema for Multipart {
    fn schema_name() -> Cow<'static, str> {
        "Multipart".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let part = generator.subschema_for::<PartEntry>();
        let scalars = ["string", "number", "boolean", "null"];
        let one = serde_json::json!([{ "type": scalars }, part]);
        schemars::json_schema!({
            "type": "object",
            "additionalProperties": {
                "anyOf": [{ "type": scalars }, part, { "type": "array", "items": { "anyOf": one } }]
            }
        })
    }
}

/// Puts the parts together. `file` looks files up; they are read when they are sent.
pub(super) fn payload(
    parts: &Multipart,
    boundary: &str,
    file: impl Fn(&str) -> Result<Piece, StepError>,
) -> Result<Payload, StepError> {
    let mut payload = Payload::new(format!("multipart/form-data; boundary={boundary}"));
    for (name, part) in &parts.0 {
        let filename = part.filename.as_deref().or(match &part.content {
            Content::File(path) => Path::new(path).file_name().and_then(|name| name.to_str()),
            Content::Bytes(_) => None,
        });
        let mut head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", escaped(name));
        if let Some(filename) = filename {
            let _ = write!(head, "; filename=\"{}\"", escaped(filename));
        }
        let guessed = || {
            let guess = mime_guess::from_path(filename?);
            Some(guess.first_or_octet_stream().to_string())
        };
        if let Some(content_type) = part.content_type.clone().or_else(guessed) {
            head.push_str("\r\nContent-Type: ");
            head.push_str(&content_type.replace(['\r', '\n'], " "));
        }
        head.push_str("\r\n\r\n");
        payload.push_bytes(head.into_bytes());
        match &part.content {
            Content::Bytes(bytes) => payload.push_bytes(bytes.clone()),
            Content::File(path) => payload.push(file(path)?),
        }
        payload.push_bytes(b"\r\n".to_vec());
    }
    payload.push_bytes(format!("--{boundary}--\r\n").into_bytes());
    Ok(payload)
}

/// As browsers write names (WHATWG HTML, multipart/form-data).
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_are_framed_with_their_labels() {
        let parts: Multipart = serde_json::from_value(json!({
            "user": "ann",
            "pic": { "base64": "AAE=", "filename": "a\"b.png" },
            "tag": ["x", 2],
            "gone": null
        }))
        .unwrap();
        let payload = payload(&parts, "B", |_| unreachable!("no part is a file")).unwrap();
        let text = payload.to_bytes();
        let expected = "--B\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n\
             --B\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"a%22b.png\"\r\n\
             Content-Type: image/png\r\n\r\n\0\x01\r\n\
             --B\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\nx\r\n\
             --B\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\n2\r\n--B--\r\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn a_part_has_one_content() {
        let wrong = json!({ "pic": { "base64": "AAE=", "file": "x" } });
        let error = serde_json::from_value::<Multipart>(wrong).unwrap_err();
        assert_eq!(error.to_string(), "part `pic` has one of `text`, `base64` and `file`");
    }
}
