//! What things may be called, and that no two are called the same.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::source::{Span, Spanned};
use crate::template::{Step, Template};

/// Whether a text is a name for expressions: a letter or `_`, then letters, digits and `_`.
pub(super) fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_case_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// Looks at all names that a template gives to its parts.
pub(super) fn check(template: &Template, found: &mut Vec<Diagnostic>) {
    cases(template, found);
    steps([&template.setup, &template.teardown], found);
    for case in &template.cases {
        steps([&*case.setup, &*case.steps, &*case.teardown], found);
    }
    for (name, block) in template.blocks.iter() {
        if !is_case_id(name) {
            found.push(bad_name("block", name, "letters, digits, `_`, `-` and `.`"));
        }
        steps([&block.steps], found);
    }
    let inputs =
        template.inputs.iter().chain(template.blocks.iter().flat_map(|(_, b)| b.inputs.iter()));
    for (name, _) in inputs {
        variable("input", name, found);
    }
    for name in &template.env {
        variable("environment variable", name, found);
    }
    unique("environment variable", template.env.iter(), found);
}

fn cases(template: &Template, found: &mut Vec<Diagnostic>) {
    for case in &template.cases {
        if !is_case_id(&case.id) {
            found.push(bad_name("case id", &case.id, "letters, digits, `_`, `-` and `.`"));
        }
    }
    unique("case id", template.cases.iter().map(|case| &case.id), found);
    let mut names: HashMap<&str, Span> = HashMap::new();
    for name in template.cases.iter().filter_map(|case| case.name.as_ref()) {
        if let Some(&first) = names.get(&*name.value) {
            let message = format!("two cases have the name `{name}`");
            found.push(
                Diagnostic::warning("duplicate-name", message, name.span)
                    .related(first, "first used here")
                    .help("give each a name of its own, so that reports tell them apart"),
            );
        } else {
            names.insert(name, name.span);
        }
    }
}

fn steps<const N: usize>(lists: [&[Step]; N], found: &mut Vec<Diagnostic>) {
    let ids = || lists.iter().flat_map(|steps| steps.iter()).filter_map(|step| step.id.as_ref());
    for id in ids() {
        variable("step id", id, found);
    }
    if ids().nth(1).is_some() {
        unique("step id", ids(), found);
    }
    for (name, _) in lists.iter().flat_map(|steps| steps.iter()).flat_map(|s| s.capture.iter()) {
        variable("capture", name, found);
    }
}

fn variable(what: &str, name: &Spanned<Box<str>>, found: &mut Vec<Diagnostic>) {
    if !is_variable(name) {
        found.push(bad_name(what, name, "a letter or `_`, then letters, digits and `_`"));
    }
}

fn bad_name(what: &str, name: &Spanned<Box<str>>, grammar: &str) -> Diagnostic {
    let message = if name.is_empty() {
        format!("a {what} must not be empty")
    } else if name.contains("${{") {
        format!("a {what} cannot hold an expression")
    } else {
        format!("`{name}` cannot be a {what}")
    };
    Diagnostic::error(
        "bad-name",
        message.replace("a environment", "an environment").replace("a input", "an input"),
        name.span,
    )
    .help(format!("allowed: {grammar}"))
}

/// Reports every use of a name after the first, pointing at both.
pub(super) fn unique<'a>(
    what: &str,
    names: impl Iterator<Item = &'a Spanned<Box<str>>>,
    found: &mut Vec<Diagnostic>,
) {
    let mut known: HashMap<&str, Span> = HashMap::new();
    for name in names {
        if let Some(&first) = known.get(&*name.value) {
            let message = format!("duplicate {what} `{name}`");
            found.push(
                Diagnostic::error("duplicate-name", message, name.span)
                    .related(first, "first used here"),
            );
        } else {
            known.insert(name, name.span);
        }
    }
}
