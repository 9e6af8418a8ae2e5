//! What can be in an outcome, by its schema.

use serde_json::Value;

use crate::select::Segment;

/// A key that an outcome cannot have.
pub(super) struct Impossible {
    /// The key.
    pub(super) key: String,
    /// What holds it, as a dotted name; empty for the outcome itself.
    pub(super) within: String,
    /// The keys that there are.
    pub(super) known: Vec<String>,
}

/// The first step of a selector that leads nowhere, whatever the run gives.
pub(super) fn impossible(outcome: &Value, segments: &[Segment]) -> Option<Impossible> {
    let mut schemas = vec![resolve(outcome, outcome)];
    let mut within = String::new();
    for segment in segments {
        let mut next = Vec::new();
        let mut known = Vec::new();
        let mut open = false;
        for schema in flat(outcome, &schemas) {
            match enter(schema, segment, &mut known) {
                Entered::Schema(inner) => next.push(inner),
                Entered::Anything => open = true,
                Entered::Nothing => {}
            }
        }
        if open {
            return None;
        }
        if next.is_empty() {
            // Only keys are told: an index into what is no list is seen when it runs.
            let Segment::Key(key) = segment else { return None };
            return Some(Impossible { key: key.to_string(), within, known });
        }
        schemas = next.into_iter().map(|schema| resolve(outcome, schema)).collect();
        if let Segment::Key(key) = segment {
            if !within.is_empty() {
                within.push('.');
            }
            within.push_str(key);
        }
    }
    None
}

enum Entered<'a> {
    Schema(&'a Value),
    Anything,
    Nothing,
}

fn enter<'a>(schema: &'a Value, segment: &Segment, known: &mut Vec<String>) -> Entered<'a> {
    let Value::Object(map) = schema else { return Entered::Anything };
    if map.is_empty() || ["patternProperties", "$ref", "if"].iter().any(|k| map.contains_key(*k)) {
        return Entered::Anything;
    }
    match segment {
        Segment::Index(_) => match (map.get("items"), map.get("type")) {
            (Some(items), _) => Entered::Schema(items),
            (None, Some(Value::String(name))) if name != "array" => Entered::Nothing,
            _ => Entered::Anything,
        },
        Segment::Key(key) => {
            let properties = map.get("properties").and_then(Value::as_object);
            if let Some(inner) = properties.and_then(|all| all.get(&**key)) {
                return Entered::Schema(inner);
            }
            match (map.get("additionalProperties"), properties, map.get("type")) {
                (Some(Value::Bool(false)) | None, Some(all), _) => {
                    known.extend(all.keys().cloned());
                    Entered::Nothing
                }
                (Some(Value::Bool(false)), None, _) => Entered::Nothing,
                (Some(inner @ Value::Object(_)), ..) => Entered::Schema(inner),
                (None, None, Some(types)) if !mentions(types, "object") => Entered::Nothing,
                (None, None, None) if map.contains_key("const") || map.contains_key("enum") => {
                    Entered::Nothing
                }
                _ => Entered::Anything,
            }
        }
    }
}

fn mentions(types: &Value, name: &str) -> bool {
    match types {
        Value::Array(names) => names.iter().any(|n| n == name),
        only => only == name,
    }
}

/// The schemas with those of their branches in their place.
fn flat<'a>(root: &'a Value, schemas: &[&'a Value]) -> Vec<&'a Value> {
    let mut flat = Vec::new();
    let mut rest: Vec<&Value> = schemas.to_vec();
    // A circle of branches comes to an end here.
    for _ in 0..64 {
        let Some(schema) = rest.pop() else { break };
        let branches: Vec<&Value> = ["anyOf", "oneOf", "allOf"]
            .iter()
            .filter_map(|key| schema.get(*key).and_then(Value::as_array))
            .flatten()
            .map(|branch| resolve(root, branch))
            .collect();
        if branches.is_empty() || schema.get("properties").is_some() {
            flat.push(schema);
        }
        rest.extend(branches);
    }
    flat
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..16 {
        let Some(target) = schema.get("$ref").and_then(Value::as_str) else { break };
        let Some(next) = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) else {
            break;
        };
        schema = next;
    }
    schema
}
