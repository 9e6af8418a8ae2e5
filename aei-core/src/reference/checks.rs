use std::fmt::Write;

use serde_json::Value;

use super::schema_table::{description, type_words};
use crate::template::{Check, Operator};

/// An entry of `expect` for each operator.
pub(super) const fn example(operator: Operator) -> &'static str {
    match operator {
        Operator::Equals => "{ that: status, equals: 200 }",
        Operator::NotEquals => "{ that: json.state, not_equals: broken }",
        Operator::Contains => "{ that: text, contains: welcome }",
        Operator::NotContains => "{ that: json.roles, not_contains: admin }",
        Operator::StartsWith => "{ that: json.id, starts_with: ord_ }",
        Operator::EndsWith => "{ that: json.file, ends_with: .pdf }",
        Operator::Matches => "{ that: json.token, matches: \"^[a-f0-9]{32}$\" }",
        Operator::Lt => "{ that: duration_ms, lt: 200 }",
        Operator::Le => "{ that: json.count, le: 10 }",
        Operator::Gt => "{ that: json.count, gt: 0 }",
        Operator::Ge => "{ that: json.count, ge: 1 }",
        Operator::Between => "{ that: json.volts, between: [3.2, 3.4] }",
        Operator::In => "{ that: status, in: [200, 201] }",
        Operator::NotIn => "{ that: status, not_in: [500, 502] }",
        Operator::Length => "{ that: json.items, length: { gt: 3 } }",
        Operator::Is => "{ that: json.items, is: list }",
        Operator::Exists => "{ that: json.error, exists: false }",
        Operator::Empty => "{ that: json.errors, empty: true }",
        Operator::Schema => "{ that: json, schema: { type: object, required: [id] } }",
        Operator::Approx => "{ that: json.volts, approx: { value: 3.3, tolerance: 2% } }",
        Operator::Snapshot => "{ that: json, snapshot: order }",
        Operator::Satisfies => "{ that: json.count, satisfies: \"it > 3 and it < 9\" }",
    }
}

/// The page of checks.
pub(super) fn page() -> String {
    let schema = schemars::schema_for!(Check).to_value();
    let property = |key: &str| schema.pointer(&format!("/properties/{key}")).cloned();
    let mut text = String::from(
        "# Checks\n\nEach entry of `expect` selects a value with `that` and says by operators what \
         must hold of it; several operators on one entry must all hold. Every check is evaluated \
         and reported. A selector that finds nothing fails its check, unless absence is what was \
         asked for.\n\n| key | |\n| --- | --- |\n",
    );
    for key in crate::schema::CHECK_TEXTS {
        let about = property(key).map_or_else(String::new, |property| description(&property));
        let _ = writeln!(text, "| `{key}` | {} |", super::schema_table::cell(&about));
    }
    for operator in Operator::ALL {
        let key = operator.key();
        let property = property(key).unwrap_or(Value::Null);
        let _ = write!(text, "\n## `{key}`\n\n{}\n", description(&property));
        let words = type_words(&property);
        if !words.contains("any") && !words.contains('[') {
            let _ = write!(text, "\nOperand: {words}.\n");
        }
        let _ = write!(text, "\n```yaml\n- {}\n```\n", example(*operator));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::operand_error;
    use crate::source::{SourceMap, Syntax, from_node, parse};

    #[test]
    fn every_example_is_a_check_of_its_operator() {
        for operator in Operator::ALL {
            let text = example(*operator);
            let node = parse(&mut SourceMap::default(), "x", text.into(), Syntax::Yaml).unwrap();
            let check: Check = from_node(node).unwrap();
            assert_eq!(check.operators[0].0, *operator);
            assert_eq!(operand_error(*operator, &check.operators[0].1), None, "{text}");
        }
    }
}
