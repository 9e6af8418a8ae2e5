use serde_json::Value;
use serde_json_path::JsonPath;

use super::{Segment, SelectorError, json_path};

/// A dotted name, read.
pub(super) enum Parsed {
    /// Keys and indexes only.
    Name(Vec<Segment>),
    /// One with `[*]`, a filter or a slice: JSONPath.
    Query { path: JsonPath, start: Vec<Segment> },
}

/// Reads `a.b-c[0]["d e"][*].f`.
pub(super) fn parse(text: &str) -> Result<Parsed, SelectorError> {
    let mut segments = Vec::new();
    let mut query = Query::default();
    let mut at = 0;
    loop {
        if text[at..].starts_with('[') {
            let end = json_path::closing(text, at)
                .ok_or_else(|| error("this `[` is never closed by `]`", at))?;
            let inner = text[at + 1..end - 1].trim();
            match json_path::bracket(inner) {
                Some(segment) if !query.needed => segments.push(segment),
                found => query.needed |= found.is_none(),
            }
            query.raw(&text[at..end], at);
            at = end;
        } else {
            let length = text[at..].find(['.', '[']).unwrap_or(text.len() - at);
            let name = &text[at..at + length];
            if name.trim().is_empty() {
                return Err(error("a name is missing here", at));
            }
            if let Some(bad) = name.find([']', '"', '\'', '*', '?']) {
                let what = &name[bad..=bad];
                return Err(error(
                    &format!("`{what}` cannot be in a name; quote it: `[\"…\"]`"),
                    at + bad,
                ));
            }
            if !query.needed {
                segments.push(Segment::Key(name.into()));
            }
            query.name(name, at);
            at += length;
        }
        match text.as_bytes().get(at) {
            None => break,
            Some(b'[') => {}
            Some(b'.') => {
                at += 1;
                if text[at..].starts_with('[') {
                    return Err(error("a name is missing here", at));
                }
            }
            Some(_) => return Err(error("`.` or `[` is missing here", at)),
        }
    }
    if query.needed {
        return Ok(Parsed::Query { path: query.parse()?, start: segments });
    }
    Ok(Parsed::Name(segments))
}

fn error(message: &str, offset: usize) -> SelectorError {
    SelectorError { message: message.to_owned(), offset }
}

/// The same selector in JSONPath.
#[derive(Default)]
struct Query {
    text: String,
    /// Offsets in `text` and where they come from.
    origins: Vec<(usize, usize)>,
    /// Whether keys and indexes are not enough.
    needed: bool,
}

impl Query {
    fn name(&mut self, name: &str, from: usize) {
        self.origins.push((self.text.len() + 1, from));
        // A JSON text is a valid name selector.
        self.text.push('[');
        self.text.push_str(&Value::from(name).to_string());
        self.text.push(']');
    }

    fn raw(&mut self, bracket: &str, from: usize) {
        self.origins.push((self.text.len() + 1, from));
        self.text.push_str(bracket);
    }

    fn parse(&self) -> Result<JsonPath, SelectorError> {
        json_path::parse(&format!("${}", self.text)).map_err(|mut error| {
            let part = self.origins.iter().rev().find(|(at, _)| *at <= error.offset);
            error.offset = part.map_or(0, |(at, from)| from + (error.offset - at));
            error
        })
    }
}

/// What a dotted name leads to. A key with dots in it is found too, when there is nothing by the
/// path that its parts make.
pub(super) fn find<'a>(segments: &[Segment], value: &'a Value) -> Option<&'a Value> {
    let Some((first, rest)) = segments.split_first() else { return Some(value) };
    if let Some(found) = first.of(value).and_then(|inner| find(rest, inner)) {
        return Some(found);
    }
    let (Segment::Key(key), Value::Object(map)) = (first, value) else { return None };
    // Rare, so what it costs does not matter: try `a.b`, then `a.b.c`, …
    let mut joined = String::from(&**key);
    for (count, segment) in rest.iter().enumerate() {
        let Segment::Key(key) = segment else { break };
        joined.push('.');
        joined.push_str(key);
        if let Some(found) = map.get(&joined).and_then(|inner| find(&rest[count + 1..], inner)) {
            return Some(found);
        }
    }
    None
}
