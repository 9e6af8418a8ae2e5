use std::fmt::Write as _;

use minijinja::value::{Value as Dynamic, ValueKind};
use serde_json::{Map, Number, Value};

use super::scope::View;

/// How many values the result of an expression may hold in all.
const MOST: usize = 1_000_000;
const DEEPEST: usize = 128;

/// A value for MiniJinja.
pub(super) fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::from(()),
        Value::Bool(b) => Dynamic::from(*b),
        Value::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(i), _) => Dynamic::from(i),
            (None, Some(u)) => Dynamic::from(u),
            (None, None) => Dynamic::from(n.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(s) => Dynamic::from(s.as_str()),
        Value::Array(items) => Dynamic::from(items.iter().map(to_dynamic).collect::<Vec<_>>()),
        Value::Object(map) => map_to_dynamic(map),
    }
}

pub(super) fn map_to_dynamic(map: &Map<String, Value>) -> Dynamic {
    Dynamic::from_pairs(map.iter().map(|(key, value)| (key.as_str(), to_dynamic(value))))
}

pub(super) fn view_to_dynamic(view: View<'_>) -> Dynamic {
    match view {
        View::Map(map) => map_to_dynamic(map),
        View::Value(value) => to_dynamic(value),
    }
}

/// A value of MiniJinja as JSON; `Err` says why it is none.
pub(super) fn to_json(value: &Dynamic) -> Result<Value, String> {
    let mut left = MOST;
    json(value, 0, &mut left)
}

/// What MiniJinja calls undefined has no value, at the top or within.
pub(super) const UNDEFINED: &str = "a part of it has no value";

fn json(value: &Dynamic, depth: usize, left: &mut usize) -> Result<Value, String> {
    *left = left.checked_sub(1).ok_or("the result is too large")?;
    if depth > DEEPEST {
        return Err("the result is nested too deeply".into());
    }
    Ok(match value.kind() {
        ValueKind::Undefined => return Err(UNDEFINED.into()),
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => Value::Number(number(value)?),
        ValueKind::String => Value::String(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Bytes => return Err("the result is bytes, not text".into()),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in value.try_iter().map_err(|error| reason(&error))? {
                items.push(json(&item, depth + 1, left)?);
            }
            Value::Array(items)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().map_err(|error| reason(&error))? {
                let item = value.get_item(&key).map_err(|error| reason(&error))?;
                let name = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                map.insert(name, json(&item, depth + 1, left)?);
            }
            Value::Object(map)
        }
        ValueKind::Invalid => {
            return Err(value.try_iter().err().map_or_else(String::new, |e| reason(&e)));
        }
        _ => return Err("the result is a function; call it with `()`".into()),
    })
}

fn number(value: &Dynamic) -> Result<Number, String> {
    if value.is_integer() {
        if let Some(whole) = value.as_i64() {
            return Ok(whole.into());
        }
        return u64::try_from(value.clone())
            .map(Number::from)
            .map_err(|_| "the result is a whole number of more than 64 bits".into());
    }
    let float = f64::try_from(value.clone()).map_err(|error| reason(&error))?;
    Number::from_f64(float).ok_or_else(|| "the result is not a finite number".into())
}

pub(super) fn reason(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

/// Adds a value to a text as people would write it: maps and lists as JSON.
pub(super) fn write_plain(value: &Value, text: &mut String) {
    match value {
        Value::String(s) => text.push_str(s),
        // Writing to a `String` cannot fail.
        other => {
            let _ = write!(text, "{other}");
        }
    }
}

/// A value as it stands in a text: strings as they are, all else as JSON.
pub fn plain_text(value: &Value) -> String {
    let mut text = String::new();
    write_plain(value, &mut text);
    text
}
