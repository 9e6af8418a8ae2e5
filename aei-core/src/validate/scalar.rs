//! Mistakes of single values, in words.

use serde_json::Value;

use super::place::Place;
use super::rule::{Format, Rule, RuleId, Rules};
use super::types::Types;
use super::words::{alternatives, join};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{Node, NodeValue, Span};
use crate::template::{ByteSize, Period};

/// A value of a type that does not fit.
pub(super) fn wrong_type(rules: &Rules, id: RuleId, node: &Node, place: Place<'_>) -> Diagnostic {
    let wanted = expected(rules, id);
    let found = match node.value {
        NodeValue::Float(number) => format!("`{number}`"),
        _ => node.type_name().to_owned(),
    };
    let message = format!("{} must be {wanted}, not {found}", place.subject());
    let diagnostic = Diagnostic::error("wrong-type", message, node.span);
    match remedy(rules, id, node) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn remedy(rules: &Rules, id: RuleId, node: &Node) -> Option<String> {
    let accepts = rules.get(id).accepts;
    let plain = match &node.value {
        NodeValue::Int(number) => number.to_string(),
        NodeValue::Float(number) => number.to_string(),
        NodeValue::Bool(value) => value.to_string(),
        NodeValue::String(text) => text.as_str().to_owned(),
        NodeValue::Null => return Some("leave the key out, or give it a value".to_owned()),
        NodeValue::Map(_) if accepts.has(Types::LIST) => {
            return Some("each element of a list begins with `- `".to_owned());
        }
        NodeValue::List(_) | NodeValue::Map(_) => return None,
    };
    let is_number = matches!(node.value, NodeValue::Int(_) | NodeValue::Float(_));
    let is_text = matches!(node.value, NodeValue::String(_));
    if is_number && has_format(rules, id, Format::Duration) {
        return Some(format!("write its unit: `{plain}s` or `{plain}ms`"));
    }
    let any_text = rules.get(id).values.is_empty() && !of_values(rules, id);
    let formatted = has_format(rules, id, Format::Duration) || has_format(rules, id, Format::Size);
    if accepts.has(Types::STRING) && !is_text && any_text && !formatted {
        return Some(format!("put it in quotes: `\"{plain}\"`"));
    }
    if accepts.has(Types::LIST) {
        return Some(format!("write a list of one: `[{plain}]`"));
    }
    if is_text && accepts.has(Types::INT) && plain.parse::<f64>().is_ok() {
        return Some(format!("write it without quotes: `{plain}`"));
    }
    let boolean = matches!(plain.as_str(), "true" | "false" | "yes" | "no" | "on" | "off");
    (is_text && boolean && accepts.has(Types::BOOL)).then(|| {
        let value = matches!(plain.as_str(), "true" | "yes" | "on");
        format!("write `{value}`, without quotes")
    })
}

/// Whether all texts that fit are listed.
fn of_values(rules: &Rules, id: RuleId) -> bool {
    let rule = rules.get(id);
    let inner = || rule.any.iter().chain(&rule.all).map(|&inner| rules.get(inner));
    inner().any(|inner| {
        !inner.values.is_empty() || inner.any.iter().any(|&b| !rules.get(b).values.is_empty())
    })
}

fn has_format(rules: &Rules, id: RuleId, format: Format) -> bool {
    let rule = rules.get(id);
    rule.format == Some(format)
        || rule.any.iter().chain(&rule.all).any(|&inner| rules.get(inner).format == Some(format))
}

/// How deep to look into branches of branches for words.
const DEPTH: u8 = 4;

/// What a rule wants, as `a string or a list`.
pub(super) fn expected(rules: &Rules, id: RuleId) -> String {
    let mut words: Vec<String> = Vec::new();
    describe(rules, id, DEPTH, &mut words);
    join(words, "or")
}

fn describe(rules: &Rules, id: RuleId, depth: u8, words: &mut Vec<String>) {
    let rule = rules.get(id);
    if rule.accepts == Types::NULL && depth < DEPTH {
        return; // `null` goes without saying.
    }
    if depth > 0 && !rule.any.is_empty() {
        rule.any.iter().for_each(|&branch| describe(rules, branch, depth - 1, words));
        return;
    }
    if depth > 0 && rule.types == Types::ALL && !rule.all.is_empty() {
        rule.all.iter().for_each(|&part| describe(rules, part, depth - 1, words));
        return;
    }
    let mut add = |word: String| {
        if !words.contains(&word) {
            words.push(word);
        }
    };
    match rule.format {
        Some(Format::Duration) => add("a duration such as `10s`".to_owned()),
        Some(Format::Size) => add("a size such as `10MiB`".to_owned()),
        None if !rule.values.is_empty() => {
            rule.values
                .iter()
                .filter(|v| !v.is_null())
                .for_each(|v| add(format!("`{}`", plain(v))));
        }
        None => {
            rule.accepts.names().into_iter().for_each(|name| add(name.to_owned()));
        }
    }
}

/// A value that is none of those allowed.
pub(super) fn wrong_value(allowed: &[Value], node: &Node, place: Place<'_>) -> Diagnostic {
    let names: Vec<String> = allowed.iter().filter(|v| !v.is_null()).map(plain).collect();
    let shown = short(node);
    let message = match names.as_slice() {
        [only] => format!("{} must be `{only}`, not {shown}", place.subject()),
        _ => format!("{} must be {}, not {shown}", place.subject(), alternatives(&names)),
    };
    let diagnostic = Diagnostic::error("unknown-value", message, node.span);
    let near = node.as_str().and_then(|text| {
        // `int` is short for `integer`, however near `list` may be.
        let short_for = names.iter().find(|name| text.len() > 1 && name.starts_with(text));
        short_for.map(String::as_str).or_else(|| nearest(text, names.iter().map(String::as_str)))
    });
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn short(node: &Node) -> String {
    match &node.value {
        NodeValue::List(_) | NodeValue::Map(_) => node.type_name().to_owned(),
        _ => format!("`{}`", plain(&node.to_value())),
    }
}

/// Whether a node is a value of a schema; numbers by value.
pub(super) fn same(node: &Node, value: &Value) -> bool {
    match (&node.value, value) {
        (NodeValue::String(text), Value::String(wanted)) => text.as_str() == wanted,
        #[expect(clippy::cast_precision_loss, reason = "compared only when not both are whole")]
        (NodeValue::Int(number), Value::Number(wanted)) => wanted
            .as_i64()
            .map_or_else(|| wanted.as_f64() == Some(*number as f64), |wanted| wanted == *number),
        (NodeValue::Float(number), Value::Number(wanted)) => wanted.as_f64() == Some(*number),
        _ => node.to_value() == *value,
    }
}

/// Looks at a text: its format, pattern and length.
pub(super) fn text(rule: &Rule, text: &str, span: Span, place: Place<'_>) -> Option<Diagnostic> {
    let wrong = match rule.format {
        Some(Format::Duration) => text.parse::<Period>().err(),
        Some(Format::Size) => text.parse::<ByteSize>().err(),
        None => None,
    };
    if let Some(wrong) = wrong {
        let message = format!("{}: {wrong}", place.subject());
        let code = if rule.format == Some(Format::Size) { "bad-size" } else { "bad-duration" };
        let diagnostic = Diagnostic::error(code, message, span);
        return Some(match () {
            () if text.contains("${{") => diagnostic.help("expressions are not possible here"),
            () if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
                diagnostic.help(format!("write its unit: `{text}s` or `{text}ms`"))
            }
            () => diagnostic,
        });
    }
    if let Some(pattern) = rule.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
        let message = format!("{} must match `{pattern}`", place.subject());
        return Some(Diagnostic::error("bad-text", message, span));
    }
    if rule.types == Types::STRING && rule.sizes != (None, None) {
        let count = text.chars().count() as u64;
        return out_of(rule.sizes, count, "characters", span, place);
    }
    None
}

/// Looks at a number: its range.
pub(super) fn number(rule: &Rule, node: &Node, place: Place<'_>) -> Option<Diagnostic> {
    let value = match node.value {
        #[expect(clippy::cast_precision_loss, reason = "bounds are small or powers of two")]
        NodeValue::Int(number) => number as f64,
        NodeValue::Float(number) => number,
        _ => return None,
    };
    let range = rule.range;
    let limit = match () {
        () if range.min.is_some_and(|min| value < min) => format!("at least {}", range.min?),
        () if range.max.is_some_and(|max| value > max) => format!("at most {}", range.max?),
        () if range.above.is_some_and(|above| value <= above) => format!("above {}", range.above?),
        () if range.below.is_some_and(|below| value >= below) => format!("below {}", range.below?),
        () => return None,
    };
    let message = format!("{} must be {limit}, not {value}", place.subject());
    Some(Diagnostic::error("out-of-range", message, node.span))
}

/// Looks at how many elements a list has.
pub(super) fn size(rule: &Rule, count: usize, span: Span, place: Place<'_>) -> Option<Diagnostic> {
    if rule.types == Types::STRING || rule.sizes == (None, None) {
        return None;
    }
    out_of(rule.sizes, count as u64, "elements", span, place)
}

fn out_of(
    sizes: (Option<u64>, Option<u64>),
    count: u64,
    what: &str,
    span: Span,
    place: Place<'_>,
) -> Option<Diagnostic> {
    let (min, max) = sizes;
    let limit = match () {
        () if min == Some(1) && count == 0 => "must not be empty".to_owned(),
        () if min.is_some() && min == max && max != Some(count) => {
            format!("must have {} {what}, not {count}", min?)
        }
        () if min.is_some_and(|min| count < min) => {
            format!("must have at least {} {what}, not {count}", min?)
        }
        () if max.is_some_and(|max| count > max) => {
            format!("must have at most {} {what}, not {count}", max?)
        }
        () => return None,
    };
    Some(Diagnostic::error("wrong-size", format!("{} {limit}", place.subject()), span))
}
