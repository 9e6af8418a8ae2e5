//! Inputs: what they say of themselves fits together.

use super::words::alternatives;
use crate::diagnostic::Diagnostic;
use crate::source::{Node, NodeValue, Spanned};
use crate::template::{Entries, Input, InputType};

/// Looks at all inputs of a template or a block.
pub(super) fn check(inputs: &Entries<Input>, found: &mut Vec<Diagnostic>) {
    for (name, input) in inputs.iter() {
        let values = input.allowed.iter().flatten().map(|value| (value, "an allowed value"));
        let default = input.default.iter().map(|value| (value, "the default"));
        for (value, what) in values.chain(default) {
            if !fits(value, input.kind) {
                found.push(wrong_type(name, input.kind, value, what));
            }
        }
        if let (Some(default), Some(allowed)) = (&input.default, &input.allowed)
            && !allowed.iter().any(|value| value.to_value() == default.to_value())
            && default.value != NodeValue::Null
        {
            let names = allowed.iter().map(text);
            let message = format!(
                "the default of input `{name}` must be {}, not `{}`",
                alternatives(names),
                text(default)
            );
            found.push(Diagnostic::error("input-default", message, default.span));
        }
        if let Some(allowed) = input.allowed.as_ref().filter(|allowed| allowed.is_empty()) {
            debug_assert!(allowed.is_empty());
            let message = format!("input `{name}` allows no value at all");
            found.push(
                Diagnostic::error("input-enum", message, name.span)
                    .help("list values under `enum`, or leave it out"),
            );
        }
        secret(name, input, found);
    }
}

fn secret(name: &Spanned<Box<str>>, input: &Input, found: &mut Vec<Diagnostic>) {
    let Some(default) = input.default.as_ref().filter(|_| input.secret) else { return };
    let empty = default.value == NodeValue::Null || default.as_str().is_some_and(str::is_empty);
    if !empty && !default.as_str().is_some_and(|text| text.contains("${{")) {
        let message = format!("the secret input `{name}` has its value in the template");
        found.push(Diagnostic::warning("secret-default", message, default.span).help(format!(
            "leave the default out and set it from outside: `AEI_INPUT_{}`",
            name.to_uppercase()
        )));
    }
}

/// `null` is the value of an input that is not set, whatever its type.
fn fits(value: &Node, kind: InputType) -> bool {
    if value.as_str().is_some_and(|text| text.contains("${{")) {
        return true;
    }
    match (&value.value, kind) {
        (NodeValue::Null, _)
        | (NodeValue::String(_), InputType::String)
        | (NodeValue::Int(_), InputType::Integer | InputType::Number)
        | (NodeValue::Float(_), InputType::Number)
        | (NodeValue::Bool(_), InputType::Boolean)
        | (NodeValue::List(_), InputType::List)
        | (NodeValue::Map(_), InputType::Map) => true,
        (NodeValue::Float(number), InputType::Integer) => number.fract() == 0.0,
        _ => false,
    }
}

fn wrong_type(name: &Spanned<Box<str>>, kind: InputType, value: &Node, what: &str) -> Diagnostic {
    let (wanted, key) = match kind {
        InputType::String => ("a string", "string"),
        InputType::Integer => ("a whole number", "integer"),
        InputType::Number => ("a number", "number"),
        InputType::Boolean => ("`true` or `false`", "boolean"),
        InputType::List => ("a list", "list"),
        InputType::Map => ("a map", "map"),
    };
    let message = format!("{what} of input `{name}` must be {wanted}, not {}", value.type_name());
    let mistake = Diagnostic::error("input-default", message, value.span);
    let own = match value.value {
        NodeValue::Int(_) => "integer",
        NodeValue::Float(_) => "number",
        NodeValue::Bool(_) => "boolean",
        NodeValue::List(_) => "list",
        NodeValue::Map(_) => "map",
        NodeValue::Null | NodeValue::String(_) => {
            return mistake.help(format!("the input is declared as `type: {key}`"));
        }
    };
    match kind {
        InputType::String => {
            mistake.help(format!("quote it, or declare the input as `type: {own}`"))
        }
        _ => mistake.help(format!("the input is declared as `type: {key}`")),
    }
}

fn text(node: &Node) -> String {
    node.as_str().map_or_else(|| node.to_value().to_string(), str::to_owned)
}
