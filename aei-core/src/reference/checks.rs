use std::fmt::Write;

use serde_json::Value;

use super::failure;
use super::samples::{self, Sample};
use super::schema_table::{cell, description};
use crate::template::{Check, Operator};

/// The page about checks, and one for each operator: file names with their Markdown.
pub(super) fn pages() -> Vec<(String, String)> {
    let schema = schemars::schema_for!(Check).to_value();
    let about = |key: &str| {
        let property = schema.pointer(&format!("/properties/{key}"));
        property.map_or_else(String::new, description)
    };
    let mut index = String::from(
        "# Checks\n\nEach entry of `expect` selects a value with `that` and says by operators what \
         must hold of it; several operators on one entry must all hold. Every check is evaluated \
         and reported. A selector that finds nothing fails its check, unless absence is what was \
         asked for. Every operand may hold `${{ }}`.\n\n| key | |\n| --- | --- |\n",
    );
    for key in crate::schema::CHECK_TEXTS {
        let _ = writeln!(index, "| `{key}` | {} |", cell(&about(key)));
    }
    index.push_str("\n## Operators\n\n| operator | operand | holds when |\n| --- | --- | --- |\n");
    let mut all = Vec::new();
    for sample in samples::SAMPLES {
        let key = sample.operator.key();
        let (name, about) = (format!("check-{key}.md"), about(key));
        let operand = cell(sample.operand);
        let _ = writeln!(index, "| [`{key}`]({name}) | {operand} | {} |", cell(&about));
        all.push((name, page(&about, sample)));
    }
    all.insert(0, ("checks.md".to_owned(), index));
    all
}

fn page(about: &str, sample: &Sample) -> String {
    let Sample { operator, operand, values, entry, broken } = sample;
    let key = operator.key();
    let mut text = format!("# `{key}`\n\n{about}\n\n");
    let _ = write!(text, "- Operand: {operand}.\n- Looks at: {values}.\n");
    let _ = write!(text, "\n```yaml\nexpect:\n  - {entry}\n```\n");
    let _ = write!(text, "\n## When it does not hold\n\nOf the outcome `{broken}`");
    if *operator == Operator::Snapshot {
        let _ = write!(text, ", when `{}` is stored", samples::SNAPSHOT);
    }
    let result = failure::result(sample);
    let message = result.as_ref().and_then(|result| result.message.as_deref());
    let _ = write!(text, " it says:\n\n```text\n{}\n```\n", message.unwrap_or_default().trim_end());
    if let Some(diff) = result.as_ref().and_then(|result| result.diff.as_deref()) {
        let _ = write!(text, "\n```diff\n{}\n```\n", diff.trim_end());
    }
    if let Some(actual) = result.as_ref().and_then(|result| result.actual.as_ref()) {
        let expected = result.as_ref().map_or(&Value::Null, |result| &result.expected);
        let _ = write!(
            text,
            "\nReports carry `expected` as `{expected}` and `actual` as `{actual}`.\n"
        );
    }
    text.push_str("\nAll operators: [Checks](checks.md).\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::operand_error;
    use crate::source::{SourceMap, Syntax, from_node, parse};

    #[test]
    fn every_sample_is_a_good_check_that_does_not_hold() {
        assert_eq!(samples::SAMPLES.len(), Operator::ALL.len());
        for (operator, sample) in Operator::ALL.iter().zip(samples::SAMPLES) {
            let text = sample.entry;
            let node = parse(&mut SourceMap::default(), "x", text.into(), Syntax::Yaml).unwrap();
            let check: Check = from_node(node).unwrap();
            assert_eq!(check.operators[0].0, *operator);
            assert_eq!(operand_error(*operator, &check.operators[0].1), None, "{text}");
            let result = failure::result(sample).unwrap();
            assert!(!result.passed, "{text}");
            let message = result.message.unwrap();
            assert!(!message.contains("cannot"), "{text}: {message}");
        }
    }

    #[test]
    fn each_operator_has_a_page_and_the_index_leads_to_it() {
        let pages = pages();
        assert_eq!(pages.len(), Operator::ALL.len() + 1);
        for (name, text) in &pages[1..] {
            assert!(pages[0].1.contains(&format!("({name})")), "{name}");
            assert!(text.contains("## When it does not hold"), "{text}");
        }
    }
}
