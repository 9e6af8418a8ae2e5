//! Foreign texts with variables in them.
//!
//! `{{name}}` and `$NAME` of other tools become marks in the text while it is taken apart, and
//! expressions when the template is written. All else in such a text stays literal.

use serde_json::{Map, Value};

use super::document::literal_text;

/// Private characters that stand around a name. Foreign ones are replaced on the way in.
const OPEN: char = '\u{f_5001}';
const CLOSE: char = '\u{f_5002}';

/// A variable's mark.
pub(super) fn mark(name: &str) -> String {
    format!("{OPEN}{name}{CLOSE}")
}

/// A foreign text that cannot be taken for marks.
pub(super) fn clean(text: &str) -> String {
    text.replace([OPEN, CLOSE], "\u{fffd}")
}

/// Marks `{{ name }}` in a text.
pub(super) fn mark_braces(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        out.push_str(before);
        out.push_str(&mark(name.trim()));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The marked names in a text, in order.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(OPEN).skip(1).filter_map(|part| part.split_once(CLOSE)).map(|(name, _)| name)
}

/// Whether a text has any mark.
pub(super) fn has_marks(text: &str) -> bool {
    text.contains(OPEN)
}

/// The template text: marks become what `expression` makes of their names.
pub(super) fn template_text(text: &str, expression: &dyn Fn(&str) -> String) -> String {
    let mut parts = text.split(OPEN);
    let mut out = literal_text(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once(CLOSE).unwrap_or((part, ""));
        // A `$` right before would make the expression a literal.
        let plain = out.trim_end_matches('$').len();
        if plain < out.len() {
            let dollars = out.split_off(plain);
            out.push_str("${{ \"");
            out.push_str(&dollars);
            out.push_str("\" }}");
        }
        out.push_str("${{ ");
        out.push_str(&expression(name));
        out.push_str(" }}");
        out.push_str(&literal_text(rest));
    }
    out
}

/// A value, each of its texts as a template text.
pub(super) fn template_value(value: &Value, expression: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => template_text(text, expression).into(),
        Value::Array(items) => items.iter().map(|item| template_value(item, expression)).collect(),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| {
                (template_text(key, expression), template_value(value, expression))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// JSON in which variables may stand where values do.
pub(super) fn json(text: &str) -> Option<Value> {
    let mut quoted = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '"' if !escaped => in_string = !in_string,
            OPEN if !in_string => quoted.push('"'),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        quoted.push(c);
        if c == CLOSE && !in_string {
            quoted.push('"');
        }
    }
    serde_json::from_str(&quoted).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_expressions_and_the_rest_stays() {
        let text = mark_braces("a {{ x }} ${{ y }} {{");
        let made = template_text(&text, &|name| format!("inputs.{name}"));
        assert_eq!(made, "a ${{ inputs.x }} ${{ \"$\" }}${{ inputs.y }} {{");
    }
}
