use serde_json::{Map, Value};

/// Makes the texts and defaults of a generated schema fit to be shown: paragraphs on one line, no
/// links of Rust's own, no `default: null`.
pub(super) fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(map) => {
            if map.get("default").is_some_and(Value::is_null) {
                map.remove("default");
            }
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = paragraph(text);
            }
            map.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

/// Joins the lines of each paragraph and unlinks `` [`Name`] ``.
pub(crate) fn paragraph(text: &str) -> String {
    let joined: Vec<String> =
        text.split("\n\n").map(|part| part.lines().collect::<Vec<_>>().join(" ")).collect();
    joined.join("\n\n").replace("[`", "`").replace("`]", "`")
}

/// Takes `null` out of what a schema allows: the key may be left out, but not be empty.
pub(crate) fn without_null(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            map["type"] = only.clone();
        }
    }
    let Some(Value::Array(branches)) = map.get_mut("anyOf") else { return };
    branches.retain(|branch| branch != &serde_json::json!({ "type": "null" }));
    if let [Value::Object(only)] = branches.as_slice() {
        let only = only.clone();
        map.remove("anyOf");
        for (key, value) in only {
            map.entry(key).or_insert(value);
        }
    }
}

/// The object behind `schema[key]`, made when it is missing.
pub(super) fn object<'a>(schema: &'a mut Value, path: &[&str]) -> &'a mut Map<String, Value> {
    let mut place = schema;
    for key in path {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[*key];
    }
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    match place {
        Value::Object(map) => map,
        _ => unreachable!("made an object just above"),
    }
}
