use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Whether two values are the same: numbers by value, maps whatever their order.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order(a, b) == Some(Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// How two numbers or two texts compare; `None` when they are not of one kind.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => order(a, b),
        // UTF-8 sorts as its code points do.
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Exact, also where a whole number has no float of its value.
fn order(a: &Number, b: &Number) -> Option<Ordering> {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (Some(a), None) => Some(against_float(a, b.as_f64()?)),
        (None, Some(b)) => Some(against_float(b, a.as_f64()?).reverse()),
        (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Numbers of JSON are finite.
fn against_float(whole: i128, float: f64) -> Ordering {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, far beyond any 64-bit number")]
    let floor = float.floor() as i128;
    match whole.cmp(&floor) {
        Ordering::Equal if float.fract() != 0.0 => Ordering::Less,
        other => other,
    }
}

/// Whether a value is in another: a text in a text, an element in a list, entries in a map.
/// `None` when the two do not go together.
pub(super) fn contains(whole: &Value, part: &Value) -> Option<bool> {
    match (whole, part) {
        (Value::String(whole), Value::String(part)) => Some(whole.contains(part.as_str())),
        (Value::Array(items), part) => Some(items.iter().any(|item| same(item, part))),
        (Value::Object(whole), Value::Object(part)) => Some(
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| same(whole, part))),
        ),
        _ => None,
    }
}

/// Whether there is nothing in a value.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The number of characters, elements or entries.
pub(super) fn length(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(map) => Some(map.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The names of types, as `is` takes them.
pub(super) const TYPES: [&str; 7] =
    ["null", "boolean", "integer", "number", "string", "list", "map"];

/// Whether a value is of a type of [`TYPES`].
pub(super) fn is_of_type(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(number) => name == "number" || (name == "integer" && is_integer(number)),
        Value::String(_) => name == "string",
        Value::Array(_) => name == "list",
        Value::Object(_) => name == "map",
    }
}

/// `1.0` is the same value as `1`.
fn is_integer(number: &Number) -> bool {
    whole(number).is_some() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_compare_by_value_and_exactly() {
        assert!(same(&json!(1), &json!(1.0)));
        assert!(same(&json!({"a": [1], "b": 2}), &json!({"b": 2.0, "a": [1.0]})));
        assert!(!same(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992.0)));
        assert!(!same(&json!(u64::MAX), &json!(u64::MAX - 1)));
        assert!(!same(&json!(1), &json!("1")));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": null})));
        assert_eq!(compare(&json!(u64::MAX), &json!(-1)), Some(Ordering::Greater));
        assert_eq!(compare(&json!(-1), &json!(-0.5)), Some(Ordering::Less));
        assert_eq!(compare(&json!(1), &json!(1e300)), Some(Ordering::Less));
        assert_eq!(compare(&json!("a"), &json!(1)), None);
        assert_eq!(compare(&json!("Z"), &json!("é")), Some(Ordering::Less));
    }

    #[test]
    fn types_are_told_apart() {
        assert!(is_of_type(&json!(2.0), "integer") && is_of_type(&json!(2), "number"));
        assert!(!is_of_type(&json!(2.5), "integer") && !is_of_type(&json!("2"), "number"));
    }

    proptest! {
        #[test]
        fn whole_numbers_and_floats_agree(a in -1_000_000_i64..1_000_000, b in -1e6..1e6_f64) {
            #[expect(clippy::cast_precision_loss, reason = "small enough")]
            let expected = (a as f64).partial_cmp(&b);
            prop_assert_eq!(compare(&json!(a), &json!(b)), expected);
            prop_assert_eq!(compare(&json!(b), &json!(a)), expected.map(Ordering::reverse));
        }
    }
}
