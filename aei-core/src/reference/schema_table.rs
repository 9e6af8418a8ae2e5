//! JSON Schemas as Markdown tables.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::schema::paragraph;

/// The keys of a map as a table; nothing when it has none of its own.
pub(super) fn table(schema: &Value, first: &str, with_default: bool) -> String {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return String::new();
    };
    let mut text = if with_default {
        format!("| {first} | type | default | |\n| --- | --- | --- | --- |\n")
    } else {
        format!("| {first} | type | |\n| --- | --- | --- |\n")
    };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    for (name, property) in properties {
        let _ = write!(text, "| `{name}` | {} |", cell(&type_words(property)));
        if with_default {
            let default =
                match property.get("default").filter(|value| !value.is_null() && *value != "") {
                    Some(value) => format!("`{}`", cell(&plain(value))),
                    None if required.contains(&name.as_str()) => "required".to_owned(),
                    None => String::new(),
                };
            let _ = write!(text, " {default} |");
        }
        let _ = writeln!(text, " {} |", cell(&description(property)));
    }
    text.push('\n');
    text
}

/// A section for each definition that a reader needs: maps with their keys, lists of words.
pub(super) fn definitions(schema: &Value, level: &str, skip: &[&str]) -> String {
    let mut text = String::new();
    let own = Map::new();
    let all = schema.get("$defs").and_then(Value::as_object).unwrap_or(&own);
    for (name, definition) in all.iter().filter(|(name, _)| !skip.contains(&name.as_str())) {
        let words = words(definition);
        let keys = table(definition, "key", true);
        let branches = branches(definition);
        if words.is_empty() && keys.is_empty() && branches.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{level} {name}\n");
        let about = description(definition);
        if !about.is_empty() {
            let _ = writeln!(text, "{about}\n");
        }
        text.push_str(&words);
        text.push_str(&keys);
        text.push_str(&branches);
    }
    text
}

/// The values of an enumeration, each with what it means.
fn words(schema: &Value) -> String {
    let mut text = String::new();
    for branch in list(schema, "oneOf") {
        let about = description(branch);
        for value in branch.get("const").into_iter().chain(list(branch, "enum")) {
            let _ = writeln!(text, "- `{}`{}", plain(value), after(&about));
        }
    }
    for value in list(schema, "enum") {
        let _ = writeln!(text, "- `{}`", plain(value));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The forms of a choice between maps.
fn branches(schema: &Value) -> String {
    let mut text = String::new();
    for branch in list(schema, "oneOf").chain(list(schema, "anyOf")) {
        let keys = table(branch, "key", true);
        if keys.is_empty() {
            continue;
        }
        let about = description(branch);
        if !about.is_empty() {
            let _ = writeln!(text, "{about}\n");
        }
        text.push_str(&keys);
    }
    text
}

fn after(about: &str) -> String {
    if about.is_empty() { String::new() } else { format!(": {about}") }
}

pub(super) fn list<'a>(schema: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    schema.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A schema's description, without what is Rust's own.
pub(super) fn description(schema: &Value) -> String {
    paragraph(schema.get("description").and_then(Value::as_str).unwrap_or_default())
}

/// The type in a few words.
pub(super) fn type_words(schema: &Value) -> String {
    let Value::Object(map) = schema else { return "any".to_owned() };
    if let Some(target) = map.get("$ref").and_then(Value::as_str) {
        return named(target.rsplit('/').next().unwrap_or_default());
    }
    let branches: Vec<String> = ["anyOf", "oneOf"]
        .iter()
        .flat_map(|key| list(schema, key))
        .filter(|branch| branch.get("type").and_then(Value::as_str) != Some("null"))
        .map(type_words)
        .collect();
    if !branches.is_empty() {
        let mut unique: Vec<String> = Vec::new();
        for branch in branches {
            if !unique.contains(&branch) {
                unique.push(branch);
            }
        }
        return unique.join(" or ");
    }
    let values: Vec<String> = map
        .get("const")
        .into_iter()
        .chain(list(schema, "enum"))
        .filter(|value| !value.is_null())
        .map(|value| format!("`{}`", plain(value)))
        .collect();
    if !values.is_empty() {
        return values.join(", ");
    }
    let names: Vec<String> = match map.get("type") {
        Some(Value::String(name)) => vec![one(name, map)],
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .map(|name| one(name, map))
            .collect(),
        _ => vec!["any".to_owned()],
    };
    names.join(" or ")
}

fn one(name: &str, map: &Map<String, Value>) -> String {
    match name {
        "integer" => "whole number".to_owned(),
        "array" => match map.get("items") {
            Some(items) if items.is_object() => format!("list of {}", type_words(items)),
            _ => "list".to_owned(),
        },
        "object" => match map.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("map of {}", type_words(values)),
            _ => "map".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn named(name: &str) -> String {
    match name {
        "Period" => "duration".to_owned(),
        "ByteSize" => "size".to_owned(),
        name => format!("[{name}](#{})", name.to_lowercase()),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text that fits into one cell.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace("\n\n", "<br>").replace('\n', " ")
}
