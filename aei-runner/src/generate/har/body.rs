use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::entry::Entry;
use crate::generate::document::literal_text;
use crate::generate::note::Notes;
use crate::generate::request::{Body, Request};

/// Gives the request the body that was recorded.
pub(super) fn apply(entry: &Entry<'_>, request: &mut Request, notes: &mut Notes) {
    let data = &entry.request["postData"];
    let text = data["text"].as_str().unwrap_or_default();
    let params = data["params"].as_array().map(Vec::as_slice).unwrap_or_default();
    if text.is_empty() && params.is_empty() {
        if claims_body(entry) {
            notes.add("its body was not recorded and is not sent");
        }
        return;
    }
    let kind = data["mimeType"].as_str().unwrap_or_default().to_ascii_lowercase();
    let plain = kind.split(';').next().unwrap_or_default().trim();
    if data["encoding"].as_str() == Some("base64") {
        let known = STANDARD.decode(text.trim()).ok().map(String::from_utf8);
        request.body = match known {
            Some(Ok(text)) => Body::Text(text),
            Some(Err(bytes)) => Body::Bytes(bytes.into_bytes()),
            None => Body::Text(text.to_owned()),
        };
        return;
    }
    request.body = match plain {
        "application/x-www-form-urlencoded" => form(text, params),
        "multipart/form-data" => {
            multipart(&kind, data["mimeType"].as_str().unwrap_or_default(), text, params, notes)
        }
        _ if plain.ends_with("/json") || plain.ends_with("+json") => {
            match serde_json::from_str(text) {
                Ok(value) if plain == "application/json" => Body::Json(value),
                _ => Body::Text(text.to_owned()),
            }
        }
        _ => Body::Text(text.to_owned()),
    };
}

/// Whether the headers tell of a body.
fn claims_body(entry: &Entry<'_>) -> bool {
    Entry::headers(entry.request).any(|(name, value)| {
        (name.eq_ignore_ascii_case("content-length") && value.trim() != "0")
            || name.eq_ignore_ascii_case("transfer-encoding")
    }) || entry.request["bodySize"].as_i64().is_some_and(|size| size > 0)
}

fn form(text: &str, params: &[Value]) -> Body {
    let fields: Vec<(String, Value)> = if text.is_empty() {
        params
            .iter()
            .filter_map(|param| {
                Some((param["name"].as_str()?.to_owned(), param["value"].as_str()?))
            })
            .map(|(name, value)| (name, literal_text(value).into()))
            .collect()
    } else {
        let pairs = form_urlencoded::parse(text.as_bytes());
        pairs.map(|(name, value)| (name.into_owned(), literal_text(&value).into())).collect()
    };
    Body::Form(fields)
}

fn multipart(kind: &str, original: &str, text: &str, params: &[Value], notes: &mut Notes) -> Body {
    if !params.is_empty() {
        return Body::Multipart(params.iter().filter_map(|param| part(param, notes)).collect());
    }
    let boundary = kind.find("boundary=").map(|at| original[at + 9..].trim());
    let boundary = boundary.map(|b| b.split(';').next().unwrap_or_default().trim_matches('"'));
    match boundary.filter(|boundary| !boundary.is_empty()) {
        Some(boundary) => Body::Multipart(parts(text, boundary)),
        None => Body::Text(text.to_owned()),
    }
}

fn part(param: &Value, notes: &mut Notes) -> Option<(String, Value)> {
    let name = param["name"].as_str()?.to_owned();
    let text = literal_text(param["value"].as_str().unwrap_or_default());
    let file = param["fileName"].as_str().filter(|file| !file.is_empty());
    let kind = param["contentType"].as_str().filter(|kind| !kind.is_empty());
    if file.is_none() && kind.is_none() {
        return Some((name, text.into()));
    }
    if file.is_some() && text.is_empty() {
        notes.add(format!("the content of the file in `{name}` was not recorded"));
    }
    Some((name, labelled(&text, file, kind)))
}

fn labelled(text: &str, file: Option<&str>, kind: Option<&str>) -> Value {
    let mut part = json!({ "text": text });
    if let Some(file) = file {
        part["filename"] = literal_text(file).into();
    }
    if let Some(kind) = kind {
        part["content_type"] = literal_text(kind).into();
    }
    part
}

/// The parts of a recorded multipart text.
fn parts(text: &str, boundary: &str) -> Vec<(String, Value)> {
    let mark = format!("--{boundary}");
    let mut found = Vec::new();
    for piece in text.split(mark.as_str()).skip(1) {
        let piece = piece.strip_prefix("\r\n").or(piece.strip_prefix('\n')).unwrap_or(piece);
        let split = piece.split_once("\r\n\r\n").or_else(|| piece.split_once("\n\n"));
        let Some((head, content)) = split else { continue };
        let content =
            content.strip_suffix("\r\n").or(content.strip_suffix('\n')).unwrap_or(content);
        let attribute = |name: &str| {
            let at = head.find(&format!(" {name}=\""))? + name.len() + 3;
            head[at..].split('"').next()
        };
        let Some(name) = attribute("name") else { continue };
        let kind = head.lines().find_map(|line| {
            let (header, value) = line.split_once(':')?;
            header.trim().eq_ignore_ascii_case("content-type").then_some(value.trim())
        });
        let file = attribute("filename");
        let text = literal_text(content);
        let value = if file.is_none() && kind.is_none() {
            text.into()
        } else {
            labelled(&text, file, kind)
        };
        found.push((name.to_owned(), value));
    }
    found
}
