//! The keywords of JSON Schema: which are kept, and what makes one usable.
//!
//! Descriptions in the wild have `type: int`, `required: true` and patterns of other languages; a
//! template with those would not validate, so what cannot be used is left out with a note.

use serde_json::{Map, Value, json};

use super::documents::At;

/// What the value of a keyword is.
pub(super) enum Kind {
    Plain,
    Schema,
    Schemas,
    SchemaMap,
}

/// The kind of a keyword that is kept; `None` for annotations and what is unknown.
pub(super) fn kind(key: &str) -> Option<Kind> {
    Some(match key {
        "type" | "enum" | "const" | "multipleOf" | "maximum" | "exclusiveMaximum" | "minimum"
        | "exclusiveMinimum" | "maxLength" | "minLength" | "pattern" | "maxItems" | "minItems"
        | "uniqueItems" | "maxContains" | "minContains" | "maxProperties" | "minProperties"
        | "required" | "format" => Kind::Plain,
        "items"
        | "additionalProperties"
        | "not"
        | "contains"
        | "propertyNames"
        | "if"
        | "then"
        | "else"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Kind::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Kind::Schemas,
        "properties" | "patternProperties" | "dependentSchemas" => Kind::SchemaMap,
        _ => return None,
    })
}

const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

/// A usable value of a plain keyword: nothing where it says nothing, a note where it is wrong.
pub(super) fn plain(key: &str, value: &Value) -> Result<Option<Value>, String> {
    let usable = match key {
        "type" => return types(value),
        "pattern" => match value.as_str() {
            Some(pattern) if regex::Regex::new(pattern).is_ok() => true,
            Some(pattern) => return Err(format!("the pattern `{pattern}` is not checked")),
            None => false,
        },
        "enum" => value.as_array().is_some_and(|list| !list.is_empty()),
        "const" => true,
        "format" => value.is_string(),
        "uniqueItems" => value.is_boolean(),
        "required" => match value {
            Value::Array(names) if names.iter().all(Value::is_string) => {
                let mut names = names.clone();
                let mut seen = std::collections::HashSet::new();
                names.retain(|name| seen.insert(name.to_string()));
                return Ok((!names.is_empty()).then(|| names.into()));
            }
            // Swagger 1 had it at the property; it says nothing here.
            Value::Bool(_) => return Ok(None),
            _ => false,
        },
        "multipleOf" => value.as_f64().is_some_and(|step| step > 0.0),
        "exclusiveMinimum" | "exclusiveMaximum" if value.is_boolean() => return Ok(None),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        _ => value.is_u64(),
    };
    if usable {
        return Ok(Some(value.clone()));
    }
    Err(format!("`{key}: {value}` of a schema is not usable"))
}

fn types(value: &Value) -> Result<Option<Value>, String> {
    let known = |name: &str| -> Option<&'static str> {
        TYPES.iter().find(|known| **known == name).copied().or(match name {
            "int" | "long" | "int32" | "int64" => Some("integer"),
            "float" | "double" | "decimal" => Some("number"),
            "bool" => Some("boolean"),
            _ => None,
        })
    };
    match value {
        Value::String(name) => match known(name) {
            Some(name) => Ok(Some(name.into())),
            // Any content: what `file` is in Swagger 2.
            None if name == "file" || name == "any" => Ok(None),
            None => Err(format!("the type `{name}` of a schema is not known")),
        },
        Value::Array(names) => {
            let mut kept: Vec<&str> = Vec::new();
            for name in names.iter().filter_map(Value::as_str).filter_map(known) {
                if !kept.contains(&name) {
                    kept.push(name);
                }
            }
            Ok((kept.len() == names.len() && !kept.is_empty()).then(|| json!(kept)))
        }
        _ => Err(format!("`type: {value}` of a schema is not usable")),
    }
}

/// What older dialects say otherwise: `nullable`, and limits that are exclusive by a flag.
pub(super) fn modernise(schema: At<'_>, map: &mut Map<String, Value>) {
    for (flag, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if schema.flag(flag)
            && let Some(value) = map.shift_remove(limit)
        {
            map.insert(flag.to_owned(), value);
        }
    }
    if !(schema.flag("nullable") || schema.flag("x-nullable")) {
        return;
    }
    match map.get_mut("type") {
        Some(Value::String(name)) => {
            let both = json!([name, "null"]);
            map.insert("type".to_owned(), both);
        }
        Some(Value::Array(names)) if !names.contains(&"null".into()) => names.push("null".into()),
        _ => {}
    }
    if let Some(Value::Array(allowed)) = map.get_mut("enum")
        && !allowed.contains(&Value::Null)
    {
        allowed.push(Value::Null);
    }
    let combined = ["allOf", "anyOf", "oneOf", "const"].iter().any(|key| map.contains_key(*key));
    if combined && !map.contains_key("type") {
        let inner = Value::Object(std::mem::take(map));
        map.insert("anyOf".to_owned(), json!([inner, { "type": "null" }]));
    }
}
