use std::fmt::Write;

use serde_json::Value;

use super::schema_table::{definitions, description, table};
use crate::runner::RunnerSpec;
use crate::template::Check;

/// The first sentence of what a runner says of itself.
pub(super) fn summary(spec: &RunnerSpec) -> String {
    let all = crate::schema::paragraph(&spec.summary);
    all.split("\n\n").next().unwrap_or_default().to_owned()
}

/// The page of a runner.
pub(super) fn page(spec: &RunnerSpec) -> String {
    let mut text = format!("# `{}`\n\n{}\n\n", spec.kind, crate::schema::paragraph(&spec.summary));
    if !spec.example.trim().is_empty() {
        let _ = writeln!(text, "```yaml\n{}\n```\n", spec.example.trim());
    }
    text.push_str("## `with`\n\n");
    side(&mut text, &spec.params, "It takes any keys.", true);
    text.push_str("## Outcome\n\nWhat `that` and `capture` select from.\n\n");
    side(&mut text, &spec.outcome, "It depends on what the step does.", false);
    if !spec.default_checks.is_empty() {
        text.push_str(
            "## Default checks\n\nMade when `expect` says nothing of the value they look at.\n\n",
        );
        for check in &spec.default_checks {
            let _ = writeln!(text, "- {}", check_words(check));
        }
    }
    text.trim_end().to_owned() + "\n"
}

fn side(text: &mut String, schema: &Value, open: &str, is_params: bool) {
    let keys = table(schema, if is_params { "key" } else { "name" }, is_params);
    if keys.is_empty() {
        let about = if is_params { String::new() } else { description(schema) };
        let _ = writeln!(text, "{}\n", if about.is_empty() { open } else { &about });
    }
    text.push_str(&keys);
    text.push_str(&definitions(schema, "###", &["Period", "ByteSize"]));
}

fn check_words(check: &Check) -> String {
    let operators: Vec<String> = check
        .operators
        .iter()
        .map(|(operator, operand)| format!("{}: {}", operator.key(), operand.to_value()))
        .collect();
    format!("`{{ that: {}, {} }}`", check.that, operators.join(", "))
}
