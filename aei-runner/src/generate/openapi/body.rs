use serde_json::Value;

use super::documents::At;
use super::parameter::{Parameter, scalar};
use super::sample;
use super::template::{Context, Dialect};
use crate::generate::document::{literal, literal_text};
use crate::generate::request::{Body, Request};

/// Gives the request the body that the operation asks for.
pub(super) fn apply(
    context: &mut Context<'_>,
    operation: At<'_>,
    parameters: &[At<'_>],
    request: &mut Request,
) {
    match context.dialect {
        Dialect::Swagger2 => swagger2(context, operation, parameters, request),
        Dialect::OpenApi3 => openapi3(context, operation, request),
    }
}

fn swagger2(
    context: &mut Context<'_>,
    operation: At<'_>,
    parameters: &[At<'_>],
    request: &mut Request,
) {
    let consumes: Vec<&str> = operation
        .get("consumes")
        .or_else(|| context.root.get("consumes"))
        .map(|list| list.items().filter_map(|item| item.value.as_str()).collect())
        .unwrap_or_default();
    if let Some(body) = parameters.iter().find(|at| at.text("in") == Some("body")) {
        let schema = body.get("schema").unwrap_or(*body);
        let example = body.get("x-example").map(|at| at.value.clone());
        let kind = consumes
            .iter()
            .find(|kind| is_json(kind))
            .or(consumes.first())
            .copied()
            .unwrap_or("application/json");
        let name = body.text("name").unwrap_or("body");
        let value = example.unwrap_or_else(|| sample::sample(schema, name));
        put(context, request, kind, value);
        return;
    }
    let fields: Vec<Parameter<'_>> = parameters
        .iter()
        .filter(|at| at.text("in") == Some("formData"))
        .filter_map(|at| Parameter::new(*at))
        .filter(|parameter| parameter.required() || parameter.given().is_some())
        .collect();
    if fields.is_empty() {
        return;
    }
    let files = parameters.iter().any(|at| at.text("type") == Some("file"));
    let multipart = files || consumes.first().is_some_and(|kind| kind.starts_with("multipart/"));
    let values: Vec<(String, Value)> = fields
        .iter()
        .map(|field| {
            let file = parameters
                .iter()
                .any(|at| at.text("name") == Some(field.name) && at.text("type") == Some("file"));
            (
                field.name.to_owned(),
                if file { file_part(field.name) } else { field_value(&field.value()) },
            )
        })
        .collect();
    request.body = if multipart { Body::Multipart(values) } else { Body::Form(values) };
}

fn openapi3(context: &mut Context<'_>, operation: At<'_>, request: &mut Request) {
    let Some(body) = operation.get("requestBody") else { return };
    let body = match body.resolve() {
        Ok(body) => body,
        Err(reason) => {
            context.notes.add(reason);
            return;
        }
    };
    let kinds: Vec<(&str, At<'_>)> =
        body.get("content").into_iter().flat_map(At::entries).collect();
    let wanted = |test: fn(&str) -> bool| kinds.iter().find(|(kind, _)| test(kind)).copied();
    let chosen = wanted(is_json)
        .or_else(|| wanted(|kind| kind.starts_with("application/x-www-form-urlencoded")))
        .or_else(|| wanted(|kind| kind.starts_with("multipart/")))
        .or_else(|| wanted(|kind| kind.starts_with("text/")))
        .or_else(|| kinds.first().copied());
    let Some((kind, media)) = chosen else { return };
    if kinds.len() > 1 {
        let others: Vec<&str> =
            kinds.iter().map(|(other, _)| *other).filter(|other| *other != kind).collect();
        context.notes.add(format!("the body is sent as `{kind}`, not as {}", others.join(", ")));
    }
    let value = example(media).unwrap_or_else(|| {
        media.get("schema").map_or(Value::Null, |schema| sample::sample(schema, "body"))
    });
    if kind.starts_with("multipart/") {
        request.body = Body::Multipart(parts(media, value));
        return;
    }
    put(context, request, kind, value);
}

/// The example that a media type gives.
pub(super) fn example(media: At<'_>) -> Option<Value> {
    if let Some(example) = media.get("example") {
        return Some(example.value.clone());
    }
    let mut named = media.get("examples").into_iter().flat_map(At::entries);
    named.find_map(|(_, example)| {
        example.resolve().ok()?.get("value").map(|value| value.value.clone())
    })
}

/// Whether a media type is JSON.
pub(super) fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    kind == "*/*" || kind == "application/*" || kind.ends_with("/json") || kind.ends_with("+json")
}

/// Puts a value into the body as its media type asks for.
fn put(context: &mut Context<'_>, request: &mut Request, kind: &str, value: Value) {
    let plain = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if is_json(kind) {
        if plain.ends_with("+json") {
            content_type(request, kind);
        }
        request.body = Body::Json(value);
        return;
    }
    if plain == "application/x-www-form-urlencoded" {
        let fields = match value {
            Value::Object(map) => map.into_iter().map(|(k, v)| (k, field_value(&v))).collect(),
            _ => Vec::new(),
        };
        request.body = Body::Form(fields);
        return;
    }
    content_type(request, kind);
    if plain.ends_with("/xml") || plain.ends_with("+xml") {
        if let Value::String(text) = value {
            request.body = Body::Text(text);
        } else {
            context.notes.add("no XML is made of a schema: write the body");
            request.body = Body::Text("<todo/>".to_owned());
        }
        return;
    }
    request.body = Body::Text(match value {
        Value::String(text) => text,
        other => scalar(&other),
    });
}

fn content_type(request: &mut Request, kind: &str) {
    let concrete = if kind.contains('*') { "application/octet-stream" } else { kind };
    request.headers.push(("Content-Type".to_owned(), literal_text(concrete).into()));
}

/// A form field: a scalar, or a list of those.
fn field_value(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            items.iter().map(|item| Value::from(literal_text(&scalar(item)))).collect()
        }
        Value::Object(_) => literal_text(&value.to_string()).into(),
        other => literal(other),
    }
}

fn file_part(name: &str) -> Value {
    serde_json::json!({ "text": "content", "filename": format!("{name}.txt") })
}

/// The parts of a multipart body: binary fields become files.
fn parts(media: At<'_>, value: Value) -> Vec<(String, Value)> {
    let properties = media.find("schema").and_then(|schema| schema.find("properties"));
    let is_file = |name: &str| {
        let property = properties.and_then(|properties| properties.find(name));
        let property = match property {
            Some(list) if sample::type_of(list) == "array" => list.find("items"),
            other => other,
        };
        property.is_some_and(|property| {
            property.text("format") == Some("binary") || property.get("contentMediaType").is_some()
        })
    };
    let Value::Object(map) = value else { return Vec::new() };
    map.into_iter()
        .map(|(name, value)| {
            let part = if is_file(&name) {
                file_part(&name)
            } else if value.is_object() {
                serde_json::json!({ "text": literal_text(&value.to_string()), "content_type": "application/json" })
            } else {
                field_value(&value)
            };
            (name, part)
        })
        .collect()
}
