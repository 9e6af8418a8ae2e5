use serde_json::Value;

use crate::template::Operator;

const LONGEST: usize = 120;

/// A value in a sentence, shortened.
pub(super) fn short(value: &Value) -> String {
    let text = match value {
        // Escaping all of a large text to show its first words would be waste.
        Value::String(text) if text.len() > LONGEST => {
            let end = text.floor_char_boundary(LONGEST);
            let start = Value::from(&text[..end]).to_string();
            return format!("{}…\"", start.trim_end_matches('"'));
        }
        Value::Array(items) if items.len() > LONGEST => {
            format!("a list of {} elements", items.len())
        }
        Value::Object(map) if map.len() > LONGEST => format!("a map of {} entries", map.len()),
        _ if super::excerpt::is_long(value) => super::excerpt::excerpt(value).to_string(),
        _ => value.to_string(),
    };
    if text.len() <= LONGEST {
        return text;
    }
    format!("{}…", &text[..text.floor_char_boundary(LONGEST)])
}

/// A word for the type of a value.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// What an operator asks for, to follow "expected … to".
pub(super) fn wish(operator: Operator, expected: &Value) -> String {
    let shown = || short(expected);
    let plain = || expected.as_str().map_or_else(shown, str::to_owned);
    match operator {
        Operator::Equals => format!("equal {}", shown()),
        Operator::NotEquals => format!("not equal {}", shown()),
        Operator::Contains => format!("contain {}", shown()),
        Operator::NotContains => format!("not contain {}", shown()),
        Operator::StartsWith => format!("start with {}", shown()),
        Operator::EndsWith => format!("end with {}", shown()),
        Operator::Matches => format!("match `{}`", plain()),
        Operator::Lt => format!("be less than {}", shown()),
        Operator::Le => format!("be at most {}", shown()),
        Operator::Gt => format!("be greater than {}", shown()),
        Operator::Ge => format!("be at least {}", shown()),
        Operator::Between => {
            let bound = |index| expected.get(index).map(short).unwrap_or_default();
            format!("be between {} and {}", bound(0), bound(1))
        }
        Operator::In => format!("be one of {}", shown()),
        Operator::NotIn => format!("be none of {}", shown()),
        Operator::Length if expected.is_number() => format!("have the length {}", shown()),
        Operator::Length => format!("have a length of {}", shown()),
        Operator::Is => match expected.as_str() {
            Some("null") => "be null".to_owned(),
            Some("integer") => "be an integer".to_owned(),
            _ => format!("be a {}", plain()),
        },
        Operator::Exists if *expected == Value::Bool(false) => "not exist".to_owned(),
        Operator::Exists => "exist".to_owned(),
        Operator::Empty if *expected == Value::Bool(false) => "not be empty".to_owned(),
        Operator::Empty => "be empty".to_owned(),
        Operator::Schema => match expected.as_str() {
            Some(file) => format!("fit the schema `{file}`"),
            None => "fit the schema".to_owned(),
        },
        Operator::Approx => {
            let part = |key| expected.get(key).map(crate::expr::plain_text).unwrap_or_default();
            format!("be {} ± {}", part("value"), part("tolerance"))
        }
        Operator::Snapshot => format!("be the same as snapshot `{}`", plain()),
        Operator::Satisfies => format!("satisfy `{}`", plain()),
    }
}
