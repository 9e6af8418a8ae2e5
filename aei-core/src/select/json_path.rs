use serde_json_path::JsonPath;

use super::{Segment, SelectorError};

/// How deep brackets and parentheses may be nested: the parser recurses, and tries each level
/// of parentheses more than once.
const DEEPEST: usize = 10;

/// Reads JSONPath by RFC 9535.
pub(super) fn parse(text: &str) -> Result<JsonPath, SelectorError> {
    let mut depth = 0_usize;
    for (offset, byte) in unquoted(text) {
        match byte {
            b'(' | b'[' => {
                depth += 1;
                if depth > DEEPEST {
                    let message = format!("brackets are nested deeper than {DEEPEST}");
                    return Err(SelectorError { message, offset });
                }
            }
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    JsonPath::parse(text).map_err(|error| {
        let mut offset = error.position().min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        SelectorError { message: format!("this is no JSONPath: {}", error.message()), offset }
    })
}

/// The segments of a path that is keys and indexes only, as most are.
pub(super) fn singular(text: &str) -> Option<Vec<Segment>> {
    let (segments, end) = segments(text);
    (end == text.len()).then_some(segments)
}

/// The keys and indexes that a path starts with.
pub(super) fn start(text: &str) -> Vec<Segment> {
    segments(text).0
}

fn segments(text: &str) -> (Vec<Segment>, usize) {
    let mut segments = Vec::new();
    let mut at = 1;
    while let Some((segment, length)) = segment(&text[at..]) {
        segments.push(segment);
        at += length;
    }
    (segments, at)
}

const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

/// The key or index that a text starts with, and how long it is written.
fn segment(text: &str) -> Option<(Segment, usize)> {
    let rest = text.trim_start_matches(BLANK);
    let blank = text.len() - rest.len();
    if let Some(name) = rest.strip_prefix('.') {
        let is_first = |c: char| c == '_' || c.is_ascii_alphabetic() || !c.is_ascii();
        let length =
            name.find(|c: char| !(is_first(c) || c.is_ascii_digit())).unwrap_or(name.len());
        let segment = name.starts_with(is_first).then(|| Segment::Key(name[..length].into()))?;
        return Some((segment, blank + 1 + length));
    }
    if !rest.starts_with('[') {
        return None;
    }
    let end = closing(rest, 0)?;
    Some((bracket(rest[1..end - 1].trim_matches(BLANK))?, blank + end))
}

/// The end of the bracket that opens at `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in unquoted(&text[open..]) {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(open + at + 1),
            b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The bytes outside of quoted names, and where they are.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut quote = None;
    let mut escaped = false;
    text.bytes().enumerate().filter(move |(_, byte)| {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if *byte == b'\\' => escaped = true,
            Some(open) if *byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'') => quote = Some(*byte),
            None => return true,
        }
        false
    })
}

/// What stands in brackets, when it is one index or one quoted name.
pub(super) fn bracket(inner: &str) -> Option<Segment> {
    if let Some(name) = inner.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return unescaped(name, '"');
    }
    if let Some(name) = inner.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return unescaped(name, '\'');
    }
    let digits = inner.strip_prefix('-').unwrap_or(inner);
    // RFC 9535 has neither `01` nor `-0`.
    let canonical = digits.bytes().all(|b| b.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'))
        && inner != "-0";
    // Beyond the range of exact numbers in JSON there is no index.
    let index: i64 = inner.parse().ok().filter(|_| canonical)?;
    (index.unsigned_abs() < 1 << 53).then_some(Segment::Index(index))
}

/// Names are escaped as in JSON, but for the quotes.
fn unescaped(name: &str, quote: char) -> Option<Segment> {
    let mut json = String::from("\"");
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                '\'' if quote == '\'' => json.push('\''),
                '"' if quote == '\'' => return None,
                escaped => json.extend(['\\', escaped]),
            },
            '"' if quote == '\'' => json.push_str("\\\""),
            // Several names, such as `'a', 'b'`.
            c if c == quote => return None,
            c => json.push(c),
        }
    }
    json.push('"');
    let name: Box<str> = serde_json::from_str(&json).ok()?;
    Some(Segment::Key(name))
}
