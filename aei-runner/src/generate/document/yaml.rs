//! Values as YAML that reads well: what is short stays on one line, texts of several lines stay
//! texts of several lines, and a string is never taken for something else.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The longest line that a value on one line may make.
const WIDTH: usize = 100;
/// The longest key that YAML takes without a `?`; the specification says 1024.
const LONGEST_KEY: usize = 900;

/// Writes `key: value` lines, indented.
pub(super) fn entry(out: &mut String, indent: usize, key: &str, value: &Value) {
    pad(out, indent);
    key_and_value(out, indent, key, value);
}

/// Writes a list item, `- value`, indented.
pub(super) fn item(out: &mut String, indent: usize, value: &Value) {
    pad(out, indent);
    out.push_str("- ");
    match value {
        Value::Object(map) if !fits(value, indent + 2) => {
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    pad(out, indent + 2);
                }
                key_and_value(out, indent + 2, key, value);
            }
        }
        Value::Array(items) if !fits(value, indent + 2) => {
            for (index, value) in items.iter().enumerate() {
                if index == 0 {
                    let mut first = String::new();
                    item(&mut first, indent + 2, value);
                    out.push_str(first.trim_start_matches(' '));
                } else {
                    item(out, indent + 2, value);
                }
            }
        }
        _ => after(out, indent, indent + 2, value),
    }
}

/// Writes comment lines, indented.
pub(super) fn comment(out: &mut String, indent: usize, text: &str) {
    for line in text.lines() {
        pad(out, indent);
        let line: String = line.chars().map(|c| if printable(c) { c } else { ' ' }).collect();
        let line = line.trim_end();
        out.push_str(if line.is_empty() { "#" } else { "# " });
        out.push_str(line);
        out.push('\n');
    }
}

/// Writes spaces.
pub(super) fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn key_and_value(out: &mut String, indent: usize, key: &str, value: &Value) {
    if key.len() > LONGEST_KEY {
        out.push_str("? ");
        out.push_str(&quoted(key));
        out.push('\n');
        pad(out, indent);
        out.push(':');
        out.push(' ');
        out.push_str(&flow(value));
        out.push('\n');
        return;
    }
    let key = scalar_text(key, true);
    out.push_str(&key);
    out.push(':');
    let column = indent + key.chars().count() + 1;
    match value {
        Value::Object(map) if !fits(value, column) => {
            out.push('\n');
            for (key, value) in map {
                entry(out, indent + 2, key, value);
            }
        }
        Value::Array(items) if !fits(value, column) => {
            out.push('\n');
            for value in items {
                item(out, indent + 2, value);
            }
        }
        _ => {
            out.push(' ');
            after(out, indent, column, value);
        }
    }
}

/// A value on the line that its key or dash stands on.
fn after(out: &mut String, indent: usize, column: usize, value: &Value) {
    match value {
        Value::String(text) if is_block_text(text) => block_text(out, indent, text),
        Value::String(text) if column + text.len() > WIDTH && !plain(text, false) => {
            out.push_str(&quoted(text));
            out.push('\n');
        }
        Value::String(text) => {
            out.push_str(&scalar_text(text, false));
            out.push('\n');
        }
        _ => {
            out.push_str(&flow(value));
            out.push('\n');
        }
    }
}

/// Whether a map or list is short and flat enough for one line.
fn fits(value: &Value, column: usize) -> bool {
    match value {
        Value::Object(map) if map.is_empty() => true,
        Value::Array(items) if items.is_empty() => true,
        Value::Object(_) | Value::Array(_) => {
            depth(value) <= 3
                && size(value) <= WIDTH
                && !has_block_text(value)
                && column + flow(value).chars().count() <= WIDTH
        }
        _ => true,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A lower bound of the written length that is cheap to know.
fn size(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| k.len() + size(v)).sum(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::String(text) => text.len(),
        _ => 1,
    }
}

fn has_block_text(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(has_block_text),
        Value::Array(items) => items.iter().any(has_block_text),
        Value::String(text) => is_block_text(text),
        _ => false,
    }
}

/// A value on one line.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::String(text) => scalar_text(text, true),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => flow_map(map),
    }
}

fn flow_map(map: &Map<String, Value>) -> String {
    if map.is_empty() {
        return "{}".to_owned();
    }
    let entries: Vec<_> = map
        .iter()
        .map(|(key, value)| {
            let mark = if key.len() > LONGEST_KEY { "? " } else { "" };
            format!("{mark}{}: {}", scalar_text(key, true), flow(value))
        })
        .collect();
    format!("{{ {} }}", entries.join(", "))
}

/// A string as YAML, bare where nothing can take it for something else.
fn scalar_text(text: &str, in_flow: bool) -> String {
    if plain(text, in_flow) { text.to_owned() } else { quoted(text) }
}

/// Whether a string can stand without quotes, in YAML 1.1 and 1.2.
fn plain(text: &str, in_flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let inner = |c: char| {
        c.is_alphanumeric()
            || matches!(
                c,
                '_' | '-' | '.' | '/' | ' ' | '+' | '=' | '(' | ')' | ';' | '$' | '~' | '^'
            )
            || (matches!(c, ':' | '@' | '%' | '?' | '*' | '&' | '!' | '\'' | '|' | '<' | '>'))
            || (!in_flow && c == ',')
    };
    if is_duration(text) {
        return true;
    }
    if !(first.is_alphabetic() || matches!(first, '_' | '/' | '$' | '^' | '.' | '(')) {
        return false;
    }
    text.chars().all(|c| printable(c) && inner(c))
        && !text.contains(": ")
        && !text.ends_with(':')
        && !text.ends_with(' ')
        && (!in_flow || !text.contains(':') || text.contains("://"))
        && !reserved(text)
}

/// `500ms`, `10s`: no reader takes that for a number.
fn is_duration(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < text.len() && matches!(unit, "ms" | "s" | "m" | "h")
}

/// Words and shapes that some YAML reader takes for a boolean, a null or a number.
fn reserved(text: &str) -> bool {
    const WORDS: [&str; 13] =
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "inf", "nan"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || text.starts_with("...")
        || text.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// What YAML allows outside quotes, and people can see.
fn printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

/// A string in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if printable(c) => out.push(c),
            c => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// Whether a text is best written line by line.
fn is_block_text(text: &str) -> bool {
    let mut lines = text.lines();
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && lines.all(|line| line.chars().all(|c| printable(c) || c == '\t'))
        && !text.contains('\r')
        && text.lines().all(|line| line.trim_end() == line)
}

fn block_text(out: &mut String, indent: usize, text: &str) {
    let ends = text.len() - text.trim_end_matches('\n').len();
    out.push_str(match ends {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    out.push('\n');
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            pad(out, indent + 2);
            out.push_str(line);
        }
        out.push('\n');
    }
}
