use serde_json::{Map, Value, json};

use super::expression::inside;
use super::tidy::tidy;
use crate::runner::RunnerSpec;

/// Selectors longer than this are for people who know the outcome anyway.
const DEPTH: usize = 2;

/// The name of the definition that holds a kind's `with`.
pub(super) fn definition(kind: &str) -> String {
    format!("with.{kind}")
}

/// The definitions that a kind adds: its `with`, and what that refers to.
///
/// Keys that are required are not marked as such: `defaults.with` may give them, which a schema
/// cannot see. `aei validate` can.
pub(super) fn definitions(spec: &RunnerSpec) -> Map<String, Value> {
    let mut params = spec.params.clone();
    rename_refs(&mut params, &spec.kind);
    let mut found = Map::new();
    if let Value::Object(map) = &mut params {
        map.remove("$schema");
        map.remove("title");
        map.remove("required");
        if let Some(Value::Object(own)) = map.remove("$defs") {
            for (name, schema) in own {
                found.insert(own_name(&spec.kind, &name), schema);
            }
        }
    }
    found.insert(definition(&spec.kind), params);
    for schema in found.values_mut() {
        tidy(schema);
        inside(schema);
    }
    found
}

fn own_name(kind: &str, name: &str) -> String {
    format!("with.{kind}.{name}")
}

fn rename_refs(schema: &mut Value, kind: &str) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| rename_refs(item, kind)),
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match value {
                    Value::String(target) if key == "$ref" => {
                        if let Some(name) = target.strip_prefix("#/$defs/") {
                            *target = format!("#/$defs/{}", own_name(kind, name));
                        } else if target == "#" {
                            *target = format!("#/$defs/{}", definition(kind));
                        }
                    }
                    _ => rename_refs(value, kind),
                }
            }
        }
        _ => {}
    }
}

/// What a step of this kind looks like, for the `allOf` of steps.
pub(super) fn rule(spec: &RunnerSpec) -> Value {
    let mut then = Map::new();
    then.insert(
        "with".to_owned(),
        json!({ "anyOf": [
            { "$ref": format!("#/$defs/{}", definition(&spec.kind)) },
            { "$ref": "#/$defs/Expression" },
            { "type": "null" }
        ] }),
    );
    let known = selectors(&spec.outcome);
    if !known.is_empty() {
        then.insert(
            "expect".to_owned(),
            json!({ "items": { "properties": { "that": { "examples": known } } } }),
        );
        then.insert("capture".to_owned(), json!({ "additionalProperties": { "examples": known } }));
    }
    json!({
        "if": { "properties": { "uses": { "const": spec.kind } }, "required": ["uses"] },
        "then": { "properties": then }
    })
}

/// The dotted selectors that an outcome's schema tells of.
pub(super) fn selectors(outcome: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(outcome, outcome, "", DEPTH, &mut found);
    found
}

fn collect(root: &Value, schema: &Value, prefix: &str, depth: usize, found: &mut Vec<String>) {
    let schema = resolve(root, schema);
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(branches)) = schema.get(key) {
            for branch in branches {
                collect(root, branch, prefix, depth, found);
            }
        }
    }
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    for (name, inner) in properties {
        let selector = format!("{prefix}{name}");
        if depth > 1 {
            collect(root, inner, &format!("{selector}."), depth - 1, found);
        }
        if !found.contains(&selector) {
            let at = found.iter().position(|f| f.starts_with(&format!("{selector}.")));
            found.insert(at.unwrap_or(found.len()), selector);
        }
    }
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    // A chain this long is a circle.
    for _ in 0..16 {
        let Some(target) = schema.get("$ref").and_then(Value::as_str) else { break };
        let Some(next) = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) else {
            break;
        };
        schema = next;
    }
    schema
}
