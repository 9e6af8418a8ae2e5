use super::compare::TYPES;
use super::{measure, pattern, schema, snapshot};
use crate::diagnostic::nearest;
use crate::expr::{bare, references};
use crate::source::{Node, NodeValue, Span};
use crate::template::Operator;

/// What is wrong with the operand of an operator, as far as that shows before a run, and where.
///
/// An operand that holds `${{ }}` where it matters is left to the run.
pub fn operand_error(operator: Operator, operand: &Node) -> Option<(String, Span)> {
    let key = operator.key();
    let takes =
        |what: &str| Some((format!("`{key}` takes {what}, not {}", shown(operand)), operand.span));
    if operator != Operator::Satisfies && is_open(operand) {
        return None;
    }
    match operator {
        Operator::Equals | Operator::NotEquals | Operator::Contains | Operator::NotContains => None,
        Operator::StartsWith | Operator::EndsWith => match operand.as_str() {
            Some(_) => None,
            None => takes("a text"),
        },
        Operator::Matches => match operand.as_str() {
            Some(text) => pattern_error(text, operand.span),
            None => takes("a regular expression"),
        },
        Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge => {
            if is_bound(operand) {
                None
            } else {
                takes("a number or a text")
            }
        }
        Operator::Between => match operand.as_list() {
            Some([low, high]) => between_error(low, high),
            _ => takes("a list of two bounds"),
        },
        Operator::In | Operator::NotIn => match operand.as_list() {
            Some([]) => Some((format!("`{key}` takes a list that is not empty"), operand.span)),
            Some(_) => None,
            None => takes("a list"),
        },
        Operator::Length => length_error(operand),
        Operator::Is => match operand.as_str() {
            Some(name) => type_error(name, operand.span),
            None => takes("the name of a type"),
        },
        Operator::Exists | Operator::Empty => match operand.value {
            NodeValue::Bool(_) => None,
            _ => takes("`true` or `false`"),
        },
        Operator::Schema => schema_error(operand),
        Operator::Approx => approx_error(operand),
        Operator::Snapshot => match operand.as_str() {
            Some(name) => snapshot::valid_name(name).err().map(|message| (message, operand.span)),
            None => takes("a name"),
        },
        Operator::Satisfies => match operand.as_str() {
            Some(text) => expression_error(text, operand.span),
            None => takes("an expression such as `it > 3`"),
        },
    }
}

/// Whether the value is known at run time only.
fn is_open(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.contains("${{"))
}

fn shown(node: &Node) -> String {
    match &node.value {
        NodeValue::List(_) | NodeValue::Map(_) | NodeValue::Null => node.type_name().to_owned(),
        NodeValue::String(text) => format!("the text `{text}`"),
        _ => format!("`{}`", node.to_value()),
    }
}

/// The place of a part of a text, where the document spells the text as it reads.
fn part(span: Span, text: &str, start: usize, end: usize) -> Span {
    let written = (span.end - span.start) as usize;
    match written.checked_sub(text.len()) {
        Some(0) => span.part(start, end),
        // In quotes.
        Some(2) => span.part(start + 1, end + 1),
        _ => span,
    }
}

fn pattern_error(text: &str, span: Span) -> Option<(String, Span)> {
    let error = pattern::compile(text).err()?;
    let span = error.offset.map_or(span, |at| {
        let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        part(span, text, at, end)
    });
    Some((format!("this is no regular expression: {}", error.message), span))
}

fn expression_error(text: &str, span: Span) -> Option<(String, Span)> {
    let (error, offset) = match bare(text) {
        Ok((expression, offset)) => (references(expression).err()?, offset),
        Err(error) => (error, 0),
    };
    let help = error.help.map(|help| format!("; {help}")).unwrap_or_default();
    let span = part(span, text, offset + error.start, offset + error.end);
    Some((format!("{}{help}", error.message), span))
}

const fn is_bound(node: &Node) -> bool {
    matches!(node.value, NodeValue::Int(_) | NodeValue::Float(_) | NodeValue::String(_))
}

fn between_error(low: &Node, high: &Node) -> Option<(String, Span)> {
    for bound in [low, high] {
        if !is_bound(bound) {
            let message = format!("a bound is a number or a text, not {}", shown(bound));
            return Some((message, bound.span));
        }
    }
    if is_open(low) || is_open(high) {
        return None;
    }
    match super::compare::compare(&low.to_value(), &high.to_value()) {
        Some(std::cmp::Ordering::Greater) => {
            Some(("the lower bound comes first".into(), low.span.to(high.span)))
        }
        Some(_) => None,
        None => Some(("the bounds are of different types".into(), low.span.to(high.span))),
    }
}

fn length_error(operand: &Node) -> Option<(String, Span)> {
    match &operand.value {
        NodeValue::Int(length) if *length >= 0 => None,
        NodeValue::Map(entries) if entries.is_empty() => {
            Some(("`length` needs an operator, such as `{ gt: 3 }`".into(), operand.span))
        }
        NodeValue::Map(entries) => entries.iter().find_map(|(key, inner)| {
            let allowed = Operator::from_key(&key.name).filter(|operator| of_numbers(*operator));
            let Some(operator) = allowed else {
                let known = Operator::ALL.iter().filter(|o| of_numbers(**o)).map(|o| o.key());
                let hint = nearest(&key.name, known)
                    .map(|near| format!("; did you mean `{near}`?"))
                    .unwrap_or_default();
                let message = format!("a length has no operator `{}`{hint}", key.name);
                return Some((message, key.span));
            };
            operand_error(operator, inner)
        }),
        _ => Some((
            format!(
                "`length` takes a whole number, or operators such as `{{ gt: 3 }}`, not {}",
                shown(operand)
            ),
            operand.span,
        )),
    }
}

/// Whether an operator makes sense of a length.
const fn of_numbers(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Equals
            | Operator::NotEquals
            | Operator::Lt
            | Operator::Le
            | Operator::Gt
            | Operator::Ge
            | Operator::Between
            | Operator::In
            | Operator::NotIn
            | Operator::Approx
    )
}

fn type_error(name: &str, span: Span) -> Option<(String, Span)> {
    if TYPES.contains(&name) {
        return None;
    }
    let near = match name.to_lowercase().as_str() {
        "array" | "sequence" | "tuple" => Some("list"),
        "object" | "dict" | "mapping" => Some("map"),
        "text" | "str" => Some("string"),
        "int" | "long" => Some("integer"),
        "float" | "double" | "decimal" => Some("number"),
        "bool" => Some("boolean"),
        "none" | "nil" => Some("null"),
        _ => nearest(name, TYPES),
    };
    Some((
        match near {
            Some(near) => format!("there is no type `{name}`; did you mean `{near}`?"),
            None => format!("there is no type `{name}`; types are {}", TYPES.join(", ")),
        },
        span,
    ))
}

fn schema_error(operand: &Node) -> Option<(String, Span)> {
    match &operand.value {
        NodeValue::String(file) if file.is_empty() => {
            Some(("`schema` takes the name of a file, or a schema".into(), operand.span))
        }
        NodeValue::String(_) => None,
        NodeValue::Map(_) | NodeValue::Bool(_) => {
            let error = schema::mistake(&operand.to_value())?;
            Some((error.message, operand.nearest(&error.pointer).span))
        }
        _ => Some((
            format!("`schema` takes a JSON Schema or the name of a file, not {}", shown(operand)),
            operand.span,
        )),
    }
}

fn approx_error(operand: &Node) -> Option<(String, Span)> {
    let whole = |message: &str| Some((message.to_owned(), operand.span));
    let Some(entries) = operand.as_map() else {
        return whole("`approx` takes `{ value: …, tolerance: … }`");
    };
    for (key, _) in entries {
        if !["value", "tolerance"].contains(&key.name.as_str()) {
            return Some((format!("`approx` has no `{}`", key.name), key.span));
        }
    }
    let (Some(value), Some(tolerance)) = (operand.get("value"), operand.get("tolerance")) else {
        return whole("`approx` needs both `value` and `tolerance`");
    };
    let is_number = |node: &Node| matches!(node.value, NodeValue::Int(_) | NodeValue::Float(_));
    if !is_open(value) && !is_number(value) {
        return Some((format!("`value` is a number, not {}", shown(value)), value.span));
    }
    let part = match &tolerance.value {
        NodeValue::String(text) if !is_open(tolerance) => measure::percentage(text),
        NodeValue::String(_) => return None,
        _ => tolerance.to_value().as_f64(),
    };
    if part.is_none_or(|part| part < 0.0) {
        let message = format!(
            "`tolerance` is a number or a percentage such as `5%`, not {}",
            shown(tolerance)
        );
        return Some((message, tolerance.span));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn error(operator: &str, operand: &Value) -> Option<String> {
        let node = Node::from_value(operand, Span::new(1, 2));
        operand_error(Operator::from_key(operator).unwrap(), &node).map(|(message, _)| message)
    }

    #[test]
    fn good_operands_pass() {
        for (operator, operand) in [
            ("equals", json!(null)),
            ("contains", json!([1])),
            ("starts_with", json!("${{ vars.x }}")),
            ("matches", json!("^a+$")),
            ("lt", json!(1.5)),
            ("between", json!([1, 2.5])),
            ("between", json!(["${{ vars.low }}", 5])),
            ("in", json!([1])),
            ("length", json!(0)),
            ("length", json!({"gt": 1, "between": [1, 2]})),
            ("is", json!("list")),
            ("exists", json!(false)),
            ("empty", json!("${{ vars.flag }}")),
            ("schema", json!("file.json")),
            ("schema", json!({"type": "object", "properties": {"a": true}})),
            ("approx", json!({"value": 1, "tolerance": "5%"})),
            ("approx", json!({"value": "${{ vars.x }}", "tolerance": 0})),
            ("snapshot", json!("a/b-${{ matrix.user }}")),
            ("satisfies", json!("it > 3 and it in vars.list")),
        ] {
            assert_eq!(error(operator, &operand), None, "{operator}: {operand}");
        }
    }

    #[test]
    fn bad_operands_are_told() {
        for (operator, operand, message) in [
            ("starts_with", json!(4), "`starts_with` takes a text, not `4`"),
            ("matches", json!("(a"), "this is no regular expression: unclosed group"),
            ("gt", json!([1]), "`gt` takes a number or a text, not a list"),
            ("between", json!([1]), "`between` takes a list of two bounds, not a list"),
            ("between", json!([2, 1]), "the lower bound comes first"),
            ("between", json!([1, "a"]), "the bounds are of different types"),
            ("in", json!("a"), "`in` takes a list, not the text `a`"),
            ("not_in", json!([]), "`not_in` takes a list that is not empty"),
            (
                "length",
                json!(-1),
                "`length` takes a whole number, or operators such as `{ gt: 3 }`, not `-1`",
            ),
            (
                "length",
                json!({"betwen": 1}),
                "a length has no operator `betwen`; did you mean `between`?",
            ),
            ("length", json!({"gt": true}), "`gt` takes a number or a text, not `true`"),
            ("is", json!("array"), "there is no type `array`; did you mean `list`?"),
            ("exists", json!("yes"), "`exists` takes `true` or `false`, not the text `yes`"),
            ("approx", json!(5), "`approx` takes `{ value: …, tolerance: … }`"),
            ("approx", json!({"value": 1}), "`approx` needs both `value` and `tolerance`"),
            (
                "approx",
                json!({"value": 1, "tolerance": "some"}),
                "`tolerance` is a number or a percentage such as `5%`, not the text `some`",
            ),
            (
                "snapshot",
                json!("../x"),
                "`../x` cannot name a snapshot; use letters, digits, `-`, `_`, `.` and `/`",
            ),
            ("satisfies", json!("it | uper"), "unknown filter `uper`; did you mean `upper`?"),
        ] {
            assert_eq!(
                error(operator, &operand).as_deref(),
                Some(message),
                "{operator}: {operand}"
            );
        }
        assert!(error("schema", &json!({"type": "objekt"})).is_some());
        assert!(error("satisfies", &json!("it >")).is_some());
    }

    #[test]
    fn places_are_within_the_operand() {
        let spelled = |text: &str, length: u32| {
            let node = Node::new(NodeValue::String(text.into()), Span::new(100, 100 + length));
            operand_error(Operator::Matches, &node).unwrap().1
        };
        assert_eq!(spelled("ab(c", 4), Span::new(102, 103));
        assert_eq!(spelled("ab(c", 6), Span::new(103, 104));
        assert_eq!(spelled("ab(c", 9), Span::new(100, 109));
    }
}
