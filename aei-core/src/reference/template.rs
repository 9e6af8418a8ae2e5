use std::fmt::Write;

use serde_json::Value;

use super::schema_table::{definitions, table};
use crate::template::Template;

/// The page of the template's keys.
pub(super) fn page() -> String {
    let mut schema = schemars::schema_for!(Template).to_value();
    if let Some(Value::Object(all)) = schema.get_mut("$defs") {
        // It has a page of its own.
        for name in ["Check", "Approx"] {
            all.remove(name);
        }
        all.sort_keys();
    }
    let mut text = String::from(
        "# Template\n\nA template is a YAML or JSON file. Durations are written `250ms`, `10s`, \
         `2m` or `1h30m`, sizes `64KiB` or `10MiB`.\n\n",
    );
    text.push_str(&table(&schema, "key", true));
    let sections = definitions(&schema, "##", &["Period", "ByteSize"]);
    let _ = writeln!(text, "{}", sections.trim_end());
    text.replace("(#check)", "(checks.md)")
}
