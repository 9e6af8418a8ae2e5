use serde_json::{Value, json};

use super::body::is_json;
use super::documents::At;
use super::schema;
use super::template::{Context, Dialect};
use crate::generate::document::literal;
use crate::generate::request::Request;

/// A documented response that counts as success.
struct Success<'a> {
    code: Code,
    /// Media types with the schema of each.
    media: Vec<(String, Option<At<'a>>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    Exact(u64),
    /// `2XX` by its first digit.
    Range(u64),
}

/// What the response is checked for. Asks for the documented media types, too.
pub(super) fn apply(
    context: &mut Context<'_>,
    method: &str,
    operation: At<'_>,
    request: &mut Request,
) -> Vec<Value> {
    let all = documented(context, operation);
    let first =
        |digit: u64| all.iter().filter(move |s| s.code.digit() == digit).collect::<Vec<_>>();
    let mut successes = first(2);
    if successes.is_empty() {
        successes = first(3);
        if !successes.is_empty() {
            request.extra.insert("redirects".to_owned(), Value::Bool(false));
        }
    }
    let default = operation.find("responses").and_then(|responses| responses.find("default"));
    if successes.is_empty() && default.is_none() {
        successes = all.iter().collect();
        if !successes.is_empty() {
            context.notes.add("no success is documented; the errors that are count as expected");
        }
    }
    let mut expect = vec![status(&successes)];
    let media: Vec<&(String, Option<At<'_>>)> =
        successes.iter().flat_map(|success| &success.media).collect();
    if let Some(default) = default.filter(|_| successes.is_empty()) {
        let media = contents(context, operation, default);
        let media: Vec<_> = media.iter().collect();
        accept(&media, request);
        expect.extend(body(context, &media));
        return expect;
    }
    accept(&media, request);
    // A response that may have no body cannot be held to a schema.
    let all_have = successes.iter().all(|success| !success.media.is_empty());
    if method == "HEAD" || media.is_empty() {
        return expect;
    }
    if !all_have {
        context.notes.add("the body is not checked, as some successful responses have none");
        return expect;
    }
    expect.extend(body(context, &media));
    expect
}

impl Code {
    const fn digit(self) -> u64 {
        match self {
            Self::Exact(code) => code / 100,
            Self::Range(digit) => digit,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Ok(code) = text.parse() {
            return (100..1000).contains(&code).then_some(Self::Exact(code));
        }
        let digit = text.strip_suffix("XX").or_else(|| text.strip_suffix("xx"))?;
        digit.parse().ok().filter(|digit| (1..=5).contains(digit)).map(Self::Range)
    }
}

fn documented<'a>(context: &mut Context<'_>, operation: At<'a>) -> Vec<Success<'a>> {
    let mut found = Vec::new();
    for (code, response) in operation.find("responses").into_iter().flat_map(At::entries) {
        let Some(code) = Code::parse(code) else { continue };
        match response.resolve() {
            Ok(response) => {
                let media = contents(context, operation, response);
                found.push(Success { code, media });
            }
            Err(reason) => {
                context.notes.add(reason);
                found.push(Success { code, media: Vec::new() });
            }
        }
    }
    found
}

/// The media types of a response.
fn contents<'a>(
    context: &Context<'_>,
    operation: At<'a>,
    response: At<'a>,
) -> Vec<(String, Option<At<'a>>)> {
    if context.dialect == Dialect::OpenApi3 {
        let media = response.get("content").into_iter().flat_map(At::entries);
        return media.map(|(kind, at)| (kind.to_owned(), at.get("schema"))).collect();
    }
    let schema = response.get("schema");
    let produces = operation
        .value
        .get("produces")
        .or_else(|| context.root.value.get("produces"))
        .and_then(Value::as_array);
    let kinds = produces.into_iter().flatten().filter_map(Value::as_str);
    // Without a schema, Swagger 2 says that there is no media; documents in the wild only
    // leave the schema out, but then what is produced is told at the operation itself.
    if schema.is_none() && operation.get("produces").is_none() {
        return Vec::new();
    }
    kinds.map(|kind| (kind.to_owned(), schema)).collect()
}

fn status(successes: &[&Success<'_>]) -> Value {
    let exact: Vec<u64> = successes
        .iter()
        .filter_map(|success| match success.code {
            Code::Exact(code) => Some(code),
            Code::Range(_) => None,
        })
        .collect();
    let ranges: Vec<u64> = successes.iter().map(|success| success.code.digit()).collect();
    if exact.len() != successes.len() {
        let low = ranges.iter().min().unwrap_or(&2) * 100;
        let high = ranges.iter().max().unwrap_or(&2) * 100 + 99;
        return json!({ "that": "status", "between": [low, high] });
    }
    match exact.as_slice() {
        [] => json!({ "that": "status", "lt": 400 }),
        [one] => json!({ "that": "status", "equals": one }),
        several => json!({ "that": "status", "in": several }),
    }
}

/// Asks for what is documented, JSON first.
fn accept(media: &[&(String, Option<At<'_>>)], request: &mut Request) {
    let json = media.iter().find(|(kind, _)| is_json(kind) && !kind.contains('*'));
    let kind = json.or_else(|| media.iter().find(|(kind, _)| !kind.contains('*')));
    if let Some((kind, _)) = kind
        && request.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("accept"))
    {
        request.headers.push(("Accept".to_owned(), literal(&kind.as_str().into())));
    }
}

/// The checks of a body whose media type is one of these.
fn body(context: &mut Context<'_>, media: &[&(String, Option<At<'_>>)]) -> Vec<Value> {
    let json: Vec<_> = media.iter().filter(|(kind, _)| is_json(kind)).collect();
    if json.is_empty() {
        return kinds(media).into_iter().collect();
    }
    let mut schemas: Vec<Value> = Vec::new();
    let mut unknown = false;
    for (_, schema) in json {
        match schema {
            Some(at) if !is_binary(*at) => {
                let value = schema::standalone(*at, &mut context.notes);
                unknown |= value == json!({}) || value == json!(true);
                if !schemas.contains(&value) {
                    schemas.push(value);
                }
            }
            _ => unknown = true,
        }
    }
    if unknown || schemas.is_empty() {
        return vec![json!({ "that": "json", "exists": true })];
    }
    let schema = if schemas.len() == 1 {
        schemas.swap_remove(0)
    } else if schemas.iter().any(|schema| schema.get("$defs").is_some()) {
        context.notes.add("the successful responses differ; only that the body is JSON is checked");
        return vec![json!({ "that": "json", "exists": true })];
    } else {
        json!({ "anyOf": schemas })
    };
    vec![json!({ "that": "json", "schema": literal(&schema) })]
}

fn is_binary(schema: At<'_>) -> bool {
    schema.resolve().is_ok_and(|schema| {
        schema.text("type") == Some("file") || schema.text("format") == Some("binary")
    })
}

/// The check of a media type that is not JSON.
fn kinds(media: &[&(String, Option<At<'_>>)]) -> Option<Value> {
    let mut plain: Vec<String> = Vec::new();
    for (kind, _) in media {
        let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        if kind.is_empty() || kind == "*/*" {
            return None;
        }
        if !plain.contains(&kind) {
            plain.push(kind);
        }
    }
    match plain.as_slice() {
        [] => None,
        [one] if !one.contains('*') => {
            Some(json!({ "that": "headers.content-type", "starts_with": one }))
        }
        several => {
            let names = several.iter().map(|kind| regex::escape(kind).replace("\\*", "[^;]*"));
            let pattern = format!("^({})", names.collect::<Vec<_>>().join("|"));
            Some(json!({ "that": "headers.content-type", "matches": pattern }))
        }
    }
}
