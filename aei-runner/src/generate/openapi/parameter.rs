use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::documents::At;
use super::sample;
use super::template::Context;
use crate::generate::document::{literal, literal_text};
use crate::generate::request::Request;

/// What stays readable in a path: unreserved characters of RFC 3986.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b',')
    .remove(b'=')
    .remove(b'@')
    .remove(b':');

/// A parameter in both dialects.
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    at: At<'a>,
    schema: At<'a>,
    /// The value is sent as JSON text.
    as_json: bool,
}

impl<'a> Parameter<'a> {
    pub(super) fn new(at: At<'a>) -> Option<Self> {
        let (name, place) = (at.text("name")?, at.text("in")?);
        let content = at.find("content").and_then(|content| content.entries().next());
        let schema = match content {
            Some((_, media)) => media.get("schema"),
            None => at.get("schema"),
        };
        let as_json = content.is_some_and(|(kind, _)| kind.contains("json"));
        Some(Self { name, place, at, schema: schema.unwrap_or(at), as_json })
    }

    /// The value that the description gives for it.
    pub(super) fn given(&self) -> Option<Value> {
        let named = self.at.get("examples").into_iter().flat_map(At::entries);
        let example = self.at.get("example").or_else(|| self.at.get("x-example"));
        example
            .map(|example| example.value.clone())
            .or_else(|| {
                named
                    .filter_map(|(_, example)| example.find("value"))
                    .map(|value| value.value.clone())
                    .next()
            })
            .or_else(|| sample::given(self.schema))
    }

    pub(super) fn required(&self) -> bool {
        self.place == "path" || self.at.flag("required")
    }

    /// Its value, made when none is given.
    pub(super) fn value(&self) -> Value {
        let value = self.given().unwrap_or_else(|| sample::sample(self.schema, self.name));
        if self.as_json { Value::from(value.to_string()) } else { value }
    }

    /// The value as one text, joined as the description says.
    fn joined(&self, value: &Value) -> String {
        let separator = match self.at.text("collectionFormat").or_else(|| self.at.text("style")) {
            Some("ssv" | "spaceDelimited") => " ",
            Some("tsv") => "\t",
            Some("pipes" | "pipeDelimited") => "|",
            _ => ",",
        };
        match value {
            Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join(separator),
            Value::Object(map) => {
                let explode = self.at.flag("explode");
                let joint = if explode { "=" } else { separator };
                let pairs = map.iter().map(|(key, value)| format!("{key}{joint}{}", scalar(value)));
                pairs.collect::<Vec<_>>().join(separator)
            }
            other => scalar(other),
        }
    }

    /// The value in a path.
    pub(super) fn in_path(&self, value: &Value) -> String {
        let text = self.joined(value);
        let text = if text.is_empty() { "1" } else { &text };
        let encoded = utf8_percent_encode(text, IN_PATH).to_string();
        match self.at.text("style") {
            Some("label") => format!(".{encoded}"),
            Some("matrix") => format!(";{}={encoded}", self.name),
            _ => encoded,
        }
    }

    /// Puts the parameter into the request.
    pub(super) fn apply(&self, request: &mut Request) {
        let value = self.value();
        let name = self.name.to_owned();
        match self.place {
            "query" => self.query(&value, request),
            "header" => request.headers.push((name, literal_text(&self.joined(&value)).into())),
            "cookie" => request.cookies.push((name, literal_text(&self.joined(&value)).into())),
            _ => {}
        }
    }

    fn query(&self, value: &Value, request: &mut Request) {
        let name = self.name.to_owned();
        let style = self.at.text("style").unwrap_or("form");
        let multi = match self.at.text("collectionFormat") {
            Some(format) => format == "multi",
            // Swagger 2 joins by comma when it says nothing; it has `type` at the parameter.
            None if self.at.get("type").is_some() => false,
            None => {
                self.at.value.get("explode").and_then(Value::as_bool).unwrap_or(style == "form")
            }
        };
        match value {
            Value::Object(map) if style == "deepObject" => {
                let pairs = map.iter().map(|(key, value)| {
                    (format!("{name}[{key}]"), literal_text(&scalar(value)).into())
                });
                request.query.extend(pairs);
            }
            Value::Object(map) if multi => {
                let pairs = map
                    .iter()
                    .map(|(key, value)| (key.clone(), literal_text(&scalar(value)).into()));
                request.query.extend(pairs);
            }
            Value::Array(items) if multi => {
                let values = items.iter().map(|item| match item {
                    Value::Array(_) | Value::Object(_) => scalar(item).into(),
                    other => other.clone(),
                });
                request.query.push((name, literal(&values.collect())));
            }
            Value::Array(_) | Value::Object(_) => {
                request.query.push((name, literal_text(&self.joined(value)).into()));
            }
            Value::Null => request.query.push((name, "".into())),
            other => request.query.push((name, literal(other))),
        }
    }
}

/// A value as the text that stands in an address or a header.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The parameters of an operation: its own, and those of its path that it does not replace.
pub(super) fn all<'a>(context: &mut Context<'_>, item: At<'a>, operation: At<'a>) -> Vec<At<'a>> {
    let mut found: Vec<At<'a>> = Vec::new();
    for holder in [operation, item] {
        for parameter in holder.get("parameters").into_iter().flat_map(At::items) {
            let parameter = match parameter.resolve() {
                Ok(parameter) => parameter,
                Err(reason) => {
                    context.notes.add(reason);
                    continue;
                }
            };
            let same = |other: &At<'a>| {
                other.text("name") == parameter.text("name")
                    && other.text("in") == parameter.text("in")
            };
            if !found.iter().any(same) {
                found.push(parameter);
            }
        }
    }
    found
}
