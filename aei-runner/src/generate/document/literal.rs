use serde_json::Value;

/// A foreign text that must stay as it is: `${{` is escaped.
pub(in crate::generate) fn literal_text(text: &str) -> String {
    text.replace("${{", "$${{")
}

/// A foreign value that must stay as it is.
pub(in crate::generate) fn literal(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(literal_text(text)),
        Value::Array(items) => Value::Array(items.iter().map(literal).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(k, v)| (k.clone(), literal(v))).collect())
        }
        other => other.clone(),
    }
}
