use serde_json::{Value, json};

use super::rule::{EXPRESSIONS, Rules};
use crate::schema::{CHECK_TEXTS, without_null};
use crate::template::{FORMAT_VERSION, Template};

/// The keys of a step, to tell people when they put one too deep.
pub(super) const STEP_KEYS: [&str; 9] =
    ["id", "name", "uses", "expect", "capture", "retry", "timeout", "if", "continue_on_failure"];

/// The rules of the template's own types; `with` is any value here.
pub(super) fn template() -> Rules {
    let mut schema = schemars::schema_for!(Template).to_value();
    schema["properties"]["aei"] = json!({ "type": "integer", "const": FORMAT_VERSION });
    if let Some(Value::Object(properties)) = schema.pointer_mut("/$defs/Check/properties") {
        for (key, property) in properties {
            without_null(property);
            // Operands are rendered before they are compared; the texts are taken as they are.
            if !CHECK_TEXTS.contains(&key.as_str())
                && let Value::Object(map) = property
            {
                map.insert(EXPRESSIONS.to_owned(), Value::Bool(true));
            }
        }
    }
    Rules::new(&schema, false)
}
