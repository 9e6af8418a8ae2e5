use serde_json::{Map, Value, json};

/// Lets a string with `${{ }}` stand wherever something else is wanted, in a schema and all the
/// schemas inside it.
pub(super) fn allow_expressions(schema: &mut Value) {
    inside(schema);
    if accepts_any_text(schema) {
        return;
    }
    let expression = json!({ "$ref": "#/$defs/Expression" });
    let Value::Object(map) = schema else { return };
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = map.get_mut(key)
            && !branches.contains(&expression)
        {
            branches.push(expression);
            return;
        }
    }
    // Texts stay outside, where editors look for them.
    let mut outer = Map::new();
    for key in ["title", "description", "default", "examples"] {
        if let Some(text) = map.remove(key) {
            outer.insert(key.to_owned(), text);
        }
    }
    outer.insert("anyOf".to_owned(), json!([Value::Object(std::mem::take(map)), expression]));
    *map = outer;
}

/// As [`allow_expressions`], for what is inside the schema only.
pub(super) fn inside(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    for key in ["properties", "patternProperties"] {
        if let Some(Value::Object(properties)) = map.get_mut(key) {
            properties.values_mut().for_each(allow_expressions);
        }
    }
    for key in ["additionalProperties", "items"] {
        if let Some(inner) = map.get_mut(key) {
            allow_expressions(inner);
        }
    }
    if let Some(Value::Array(items)) = map.get_mut("prefixItems") {
        items.iter_mut().for_each(allow_expressions);
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(branches)) = map.get_mut(key) {
            branches.iter_mut().for_each(inside);
        }
    }
    if let Some(Value::Object(definitions)) = map.get_mut("$defs") {
        definitions.values_mut().for_each(inside);
    }
}

fn accepts_any_text(schema: &Value) -> bool {
    let Value::Object(map) = schema else { return true };
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = map.get(key) {
            return branches.iter().any(accepts_any_text);
        }
    }
    let limited = ["enum", "const", "pattern", "$ref", "allOf", "not", "minLength", "maxLength"];
    if limited.iter().any(|key| map.contains_key(*key)) {
        return false;
    }
    if map.get("format").and_then(Value::as_str).is_some_and(|f| f.starts_with("aei-")) {
        return false;
    }
    match map.get("type") {
        None => !map.contains_key("properties") && !map.contains_key("items"),
        Some(Value::Array(types)) => types.iter().any(|name| name == "string"),
        Some(name) => name == "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_an_expression_and_keeps_its_text() {
        let mut schema = json!({ "type": "integer", "description": "How many." });
        allow_expressions(&mut schema);
        assert_eq!(
            schema,
            json!({
                "description": "How many.",
                "anyOf": [{ "type": "integer" }, { "$ref": "#/$defs/Expression" }]
            })
        );
    }

    #[test]
    fn what_takes_any_text_stays_as_it_is() {
        for schema in [
            json!(true),
            json!({}),
            json!({ "type": ["string", "null"] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "object" }] }),
        ] {
            let mut same = schema.clone();
            allow_expressions(&mut same);
            assert_eq!(same, schema);
        }
    }

    #[test]
    fn a_choice_gets_one_more_branch() {
        let mut schema = json!({ "oneOf": [{ "const": "a" }, { "const": "b" }] });
        allow_expressions(&mut schema);
        assert_eq!(schema["oneOf"][2], json!({ "$ref": "#/$defs/Expression" }));
    }
}
