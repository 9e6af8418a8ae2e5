use serde_json_path::JsonPath;

use super::{Segment, SelectorError};

/// How deep brackets and parentheses may be nested: the parser recurses, and tries each level
/// of parentheses more than once.
const DEEPEST: usize = 10;

/// Reads JSONPath by RFC 9535.
pub(super) fn parse(text: &str) -> Result<JsonPath, SelectorError> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            _ if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (_, Some(open)) => {
                if byte == open {
                    quote = None;
                }
            }
            (b'"' | b'\'', None) => quote = Some(byte),
            (b'(' | b'[', None) => {
                depth += 1;
                if depth > DEEPEST {
                    let message = format!("brackets are nested deeper than {DEEPEST}");
                    return Err(SelectorError { message, offset });
                }
            }
            (b')' | b']', None) => depth = depth.saturating_sub(1),
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
    while let Some(byte) = text.as_bytes().get(at) {
        let (segment, end) = match byte {
            b'.' => {
                let name = &text[at + 1..];
                let length = name
                    .find(|c: char| !(c == '_' || c.is_ascii_alphanumeric()))
                    .unwrap_or(name.len());
                let starts_well = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
                let ends_well = matches!(name.as_bytes().get(length), None | Some(b'.' | b'['));
                if !(starts_well && ends_well) {
                    break;
                }
                (Segment::Key(name[..length].into()), at + 1 + length)
            }
            b'[' => {
                let Some(end) = closing(text, at) else { break };
                match bracket(text[at + 1..end - 1].trim_matches([' ', '\t', '\n', '\r'])) {
                    Some(segment) => (segment, end),
                    None => break,
                }
            }
            _ => break,
        };
        segments.push(segment);
        at = end;
    }
    (segments, at)
}

/// The end of the bracket that opens at `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match (byte, quote) {
            _ if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (_, Some(mark)) => {
                if byte == mark {
                    quote = None;
                }
            }
            (b'"' | b'\'', None) => quote = Some(byte),
            (b'[', None) => depth += 1,
            (b']', None) => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// What stands in brackets, when it is one index or one quoted name without escapes.
pub(super) fn bracket(inner: &str) -> Option<Segment> {
    for quote in ['"', '\''] {
        if let Some(name) = inner.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            let plain = !name.contains(|c: char| c == '\\' || c == quote || c < ' ');
            return plain.then(|| Segment::Key(name.into()));
        }
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
