use serde_json::{Map, Value, json};

use crate::generate::marked::{self, mark_braces};
use crate::generate::request::{Body, Request};

/// Entries of a list that are switched on, as name and value.
pub(super) fn pairs(list: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let on = |entry: &&Value| entry["disabled"].as_bool() != Some(true);
    list.as_array()
        .into_iter()
        .flatten()
        .filter(on)
        .filter_map(|entry| Some((entry["key"].as_str()?, entry)))
}

/// A text of the collection, its variables marked; anything but a text as JSON.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => mark_braces(text),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Gives the request its body.
pub(super) fn apply(body: &Value, request: &mut Request, notes: &mut Vec<String>) {
    if body["disabled"].as_bool() == Some(true) {
        return;
    }
    request.body = match body["mode"].as_str() {
        Some("raw") => raw(body, request),
        Some("urlencoded") => {
            let fields = pairs(&body["urlencoded"]);
            Body::Form(
                fields
                    .map(|(name, field)| (mark_braces(name), text(&field["value"]).into()))
                    .collect(),
            )
        }
        Some("formdata") => {
            let parts = pairs(&body["formdata"]);
            Body::Multipart(parts.map(|(name, field)| (mark_braces(name), part(field))).collect())
        }
        Some("file") => {
            if let Some(path) = body["file"]["src"].as_str() {
                Body::File(mark_braces(path))
            } else {
                notes.push("the file to send is not named".to_owned());
                Body::None
            }
        }
        Some("graphql") => {
            let graphql = &body["graphql"];
            let variables = graphql["variables"].as_str().unwrap_or_default();
            let variables = serde_json::from_str::<Value>(&mark_braces(variables))
                .unwrap_or_else(|_| json!({}));
            Body::TemplateJson(json!({ "query": text(&graphql["query"]), "variables": variables }))
        }
        Some(other) => {
            notes.push(format!("a body of the mode `{other}` is not carried over"));
            Body::None
        }
        None => Body::None,
    };
}

fn raw(body: &Value, request: &mut Request) -> Body {
    let raw = text(&body["raw"]);
    if raw.is_empty() {
        return Body::None;
    }
    let language = body["options"]["raw"]["language"].as_str().unwrap_or_default();
    let declared =
        request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let declared = declared.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned();
    if (language == "json" || declared.contains("json"))
        && let Some(value) = marked::json(&raw)
    {
        if declared.is_empty() || declared.trim() == "application/json" {
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        }
        return Body::TemplateJson(value);
    }
    if declared.is_empty() {
        let kind = match language {
            "json" => "application/json",
            "xml" => "application/xml",
            "html" => "text/html",
            "javascript" => "application/javascript",
            _ => "text/plain",
        };
        request.headers.push(("Content-Type".to_owned(), kind.into()));
    }
    Body::Template(raw)
}

fn part(field: &Value) -> Value {
    let mut part = Map::new();
    if field["type"].as_str() == Some("file") {
        let source = match &field["src"] {
            Value::Array(files) => files.first().map(text).unwrap_or_default(),
            other => text(other),
        };
        part.insert("file".to_owned(), source.into());
    } else if field["contentType"].as_str().is_none_or(str::is_empty) {
        return text(&field["value"]).into();
    } else {
        part.insert("text".to_owned(), text(&field["value"]).into());
    }
    if let Some(kind) = field["contentType"].as_str().filter(|kind| !kind.is_empty()) {
        part.insert("content_type".to_owned(), mark_braces(kind).into());
    }
    Value::Object(part)
}
