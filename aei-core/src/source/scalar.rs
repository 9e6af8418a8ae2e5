//! The core schema of YAML 1.2: what a plain word means.

use super::NodeValue;

/// The value of a plain scalar. `yes`, `no`, `on`, `off` and `1_000` are strings.
pub(super) fn plain(text: &str) -> NodeValue {
    let Some(&first) = text.as_bytes().first() else { return NodeValue::Null };
    // Most scalars are words; their first letter tells that they are nothing else.
    match first {
        b'~' | b'n' | b'N' if is_null(text) => NodeValue::Null,
        b't' | b'T' | b'f' | b'F' => {
            boolean(text).map_or_else(|| NodeValue::String(text.into()), NodeValue::Bool)
        }
        b'0'..=b'9' | b'-' | b'+' | b'.' => {
            number(text).unwrap_or_else(|| NodeValue::String(text.into()))
        }
        _ => NodeValue::String(text.into()),
    }
}

pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// `[-+]?[0-9]+`, `0o[0-7]+`, `0x[0-9a-fA-F]+` and the floats of the core schema. Whole numbers
/// past 64 bits become floats, as in JSON.
pub(super) fn number(text: &str) -> Option<NodeValue> {
    let radix = |digits: &str, radix: u32| {
        let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        let fits = valid.then(|| i64::from_str_radix(digits, radix).ok()).flatten();
        fits.map(NodeValue::Int)
    };
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(NodeValue::Float(sign * f64::INFINITY));
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(NodeValue::Float(f64::NAN));
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit()) && !unsigned.is_empty() {
        return Some(match text.parse() {
            Ok(whole) => NodeValue::Int(whole),
            Err(_) => NodeValue::Float(text.parse().ok()?),
        });
    }
    is_float(unsigned).then(|| text.parse().ok().map(NodeValue::Float)).flatten()
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|e| e.strip_prefix(['-', '+']).unwrap_or(e));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| !e.is_empty() && digits(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_core_schema_makes_values() {
        for word in [
            "yes", "no", "on", "off", "y", "n", "1_000", "1:30", "0b1", "0o8", "0x", "nULL",
            "tRUE", "-", ".", "+", "1e", "e1", "1.2.3", "0o-7", "nan", "inf", "- 1", "1 2", "--1",
            "+-1",
        ] {
            assert_eq!(plain(word), NodeValue::String(word.into()));
        }
        for word in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(word), NodeValue::Null);
        }
        for (word, whole) in [
            ("0", 0),
            ("010", 10),
            ("+7", 7),
            ("-7", -7),
            ("0o17", 15),
            ("0xfF", 255),
            ("9223372036854775807", i64::MAX),
        ] {
            assert_eq!(plain(word), NodeValue::Int(whole));
        }
        for (word, float) in [
            ("1.", 1.0),
            (".5", 0.5),
            ("-1.5e-3", -0.0015),
            ("1E3", 1000.0),
            ("9223372036854775808", 9_223_372_036_854_775_808.0),
            ("-.INF", f64::NEG_INFINITY),
        ] {
            assert_eq!(plain(word), NodeValue::Float(float));
        }
        assert_eq!(plain("True"), NodeValue::Bool(true));
        assert_eq!(plain("FALSE"), NodeValue::Bool(false));
    }
}
