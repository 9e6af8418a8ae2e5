//! Values made of schemas, for parameters and bodies that come without an example.

use serde_json::{Map, Number, Value, json};

use super::documents::At;
use super::{pattern, words};

/// Deeper than this, values are left out or empty.
const DEEPEST: usize = 8;
/// No list is made longer than this to please `minItems`, no text longer than that.
const MOST_ITEMS: u64 = 20;
const LONGEST_TEXT: usize = 2000;

/// A value that fits the schema as far as it can be made; `name` is what the value is called.
pub(super) fn sample(schema: At<'_>, name: &str) -> Value {
    make(schema, name, 0)
}

/// The value that the description itself gives: example, default or the first one allowed.
pub(super) fn given(schema: At<'_>) -> Option<Value> {
    let schema = schema.resolve().ok()?;
    for key in ["example", "x-example", "const", "default"] {
        if let Some(found) = schema.get(key).filter(|found| !found.value.is_null()) {
            return Some(found.value.clone());
        }
    }
    for key in ["examples", "enum"] {
        if let Some(first) =
            schema.get(key).and_then(|list| list.items().find(|v| !v.value.is_null()))
        {
            return Some(first.value.clone());
        }
    }
    None
}

fn make(schema: At<'_>, name: &str, depth: usize) -> Value {
    let Ok(schema) = schema.resolve() else { return Value::Null };
    if let Some(value) = given(schema) {
        return value;
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(all) = schema.get("allOf") {
        return all_of(schema, all, name, depth);
    }
    for key in ["oneOf", "anyOf"] {
        let Some(options) = schema.get(key) else { continue };
        let option = options
            .items()
            .filter_map(|option| option.resolve().ok())
            .find(|option| option.text("type") != Some("null"));
        if let Some(option) = option {
            return merge(object_if_any(schema, name, depth), make(option, name, depth + 1));
        }
    }
    by_type(schema, name, depth)
}

fn all_of(schema: At<'_>, all: At<'_>, name: &str, depth: usize) -> Value {
    let parts = all.items().filter(|part| !part.value.as_object().is_some_and(Map::is_empty));
    let value = parts.map(|part| make(part, name, depth + 1)).fold(Value::Null, merge);
    merge(value, object_if_any(schema, name, depth))
}

/// What `properties` beside `allOf` or `oneOf` give.
fn object_if_any(schema: At<'_>, name: &str, depth: usize) -> Value {
    if schema.get("properties").is_some() { by_type(schema, name, depth) } else { Value::Null }
}

/// Objects are united; otherwise the first value that there is.
fn merge(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut first), Value::Object(second)) => {
            first.extend(second);
            Value::Object(first)
        }
        (Value::Null, second) => second,
        (first, _) => first,
    }
}

/// The type that a value of the schema has.
pub(super) fn type_of(schema: At<'_>) -> &str {
    let named = match schema.value.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null")
        }
        _ => None,
    };
    match named {
        Some("int" | "int32" | "int64" | "long") => "integer",
        Some("float" | "double" | "decimal") => "number",
        Some("bool") => "boolean",
        Some("list") => "array",
        Some("map") => "object",
        Some(name) => name,
        None if has(schema, &["properties", "additionalProperties", "required"]) => "object",
        None if has(schema, &["items", "prefixItems", "minItems"]) => "array",
        None if has(schema, &["minimum", "maximum", "multipleOf"]) => "number",
        None => "string",
    }
}

fn has(schema: At<'_>, keys: &[&str]) -> bool {
    keys.iter().any(|key| schema.get(key).is_some())
}

fn by_type(schema: At<'_>, name: &str, depth: usize) -> Value {
    match type_of(schema) {
        "integer" => number(schema, true),
        "number" => number(schema, false),
        "boolean" => Value::Bool(true),
        "null" => Value::Null,
        "array" => array(schema, name, depth),
        "object" => object(schema, depth),
        _ => text(schema, name).into(),
    }
}

fn object(schema: At<'_>, depth: usize) -> Value {
    let required: Vec<&str> = schema
        .get("required")
        .map(|list| list.items().filter_map(|item| item.value.as_str()).collect())
        .unwrap_or_default();
    let mut map = Map::new();
    let properties = schema.get("properties");
    for (name, property) in properties.into_iter().flat_map(At::entries) {
        let resolved = property.resolve().unwrap_or(property);
        if resolved.flag("readOnly") || property.flag("readOnly") {
            continue;
        }
        let wanted = required.contains(&name)
            || (given(property).is_some() && !resolved.flag("deprecated"))
            || (required.is_empty() && depth < 2);
        if wanted {
            map.insert(name.to_owned(), make(property, name, depth + 1));
        }
    }
    for name in required {
        let read_only = properties
            .and_then(|properties| properties.find(name))
            .is_some_and(|property| property.flag("readOnly"));
        if !map.contains_key(name) && !read_only {
            let extra = schema.get("additionalProperties").filter(|extra| extra.value.is_object());
            map.insert(
                name.to_owned(),
                extra.map_or_else(
                    || words::for_name(name).into(),
                    |extra| make(extra, name, depth + 1),
                ),
            );
        }
    }
    let least = schema.value.get("minProperties").and_then(Value::as_u64).unwrap_or(0);
    let extra = schema.get("additionalProperties").filter(|extra| extra.value.is_object());
    if map.is_empty() && (extra.is_some() || least > 0) {
        let value = extra.map_or_else(|| "value".into(), |extra| make(extra, "value", depth + 1));
        map.insert("key".to_owned(), value);
    }
    Value::Object(map)
}

fn array(schema: At<'_>, name: &str, depth: usize) -> Value {
    let least = schema.value.get("minItems").and_then(Value::as_u64).unwrap_or(0);
    let most = schema.value.get("maxItems").and_then(Value::as_u64).unwrap_or(MOST_ITEMS);
    let count = least.max(1).min(most).min(MOST_ITEMS);
    let singular = name.strip_suffix('s').unwrap_or(name);
    let items = schema.get("items");
    let prefix: Vec<At<'_>> =
        schema.get("prefixItems").map(|p| p.items().collect()).unwrap_or_default();
    let unique = schema.flag("uniqueItems");
    let made = (0..count).map(|index| {
        let place = usize::try_from(index).unwrap_or(0);
        let Some(item) = prefix.get(place).copied().or(items) else {
            return json!(words::for_name(singular));
        };
        let value = make(item, singular, depth + 1);
        if unique && place > 0 { vary(item, value, place) } else { value }
    });
    Value::Array(made.collect())
}

/// Another value, for lists whose elements must differ.
fn vary(schema: At<'_>, value: Value, index: usize) -> Value {
    let allowed =
        schema.find("enum").map(|list| list.items().map(|v| v.value.clone()).collect::<Vec<_>>());
    if let Some(other) = allowed.and_then(|allowed| allowed.get(index).cloned()) {
        return other;
    }
    match value {
        Value::Number(number) => number
            .as_i64()
            .map_or(Value::Number(number), |n| json!(n.saturating_add_unsigned(index as u64))),
        Value::String(text) => json!(format!("{text}{index}")),
        other => other,
    }
}

/// A number within the limits.
fn number(schema: At<'_>, whole: bool) -> Value {
    let limit = |key: &str| schema.value.get(key).and_then(Value::as_f64);
    let exclusive = |key: &str, plain: Option<f64>| match schema.value.get(key) {
        Some(Value::Bool(true)) => plain,
        Some(Value::Number(n)) => n.as_f64(),
        _ => None,
    };
    let step = limit("multipleOf").filter(|step| *step > 0.0);
    let unit = step.unwrap_or(if whole { 1.0 } else { 0.5 });
    let (mut low, mut high) = (limit("minimum"), limit("maximum"));
    if let Some(above) = exclusive("exclusiveMinimum", low) {
        low = Some(low.map_or(above + unit, |low| low.max(above + unit)));
    }
    if let Some(below) = exclusive("exclusiveMaximum", high) {
        high = Some(high.map_or(below - unit, |high| high.min(below - unit)));
    }
    let mut value = 1.0_f64;
    if let Some(high) = high {
        value = value.min(high);
    }
    if let Some(low) = low {
        value = value.max(low);
    }
    if let Some(step) = step {
        value = (value / step).ceil() * step;
        if high.is_some_and(|high| value > high) {
            value -= step;
        }
    } else if whole {
        value = value.ceil();
        if high.is_some_and(|high| value > high) {
            value = value.floor();
        }
    } else if let (Some(low), Some(high)) = (low, high)
        && (value > high || value < low)
    {
        value = f64::midpoint(low, high);
    }
    plain_number(value)
}

/// A number without a needless fraction.
fn plain_number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return json!(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn text(schema: At<'_>, name: &str) -> String {
    let pattern = schema.text("pattern");
    let format = schema.text("format");
    let mut made = pattern
        .and_then(pattern::example)
        .or_else(|| format.and_then(words::for_format).map(str::to_owned))
        .unwrap_or_else(|| words::for_name(name).to_owned());
    if pattern.is_some() || format.is_some_and(|f| words::for_format(f).is_some()) {
        return made;
    }
    let limit = |key: &str| {
        schema.value.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
    };
    let least = limit("minLength").unwrap_or(0).min(LONGEST_TEXT);
    while made.chars().count() < least {
        made.push('a');
    }
    if let Some(most) = limit("maxLength") {
        made = made.chars().take(most).collect();
    }
    made
}
