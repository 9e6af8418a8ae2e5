//! Cases: that they do something, can be reached, and ask for what there is.

use std::collections::HashMap;

use super::words::listed;
use crate::diagnostic::{Diagnostic, nearest};
use crate::expr::bare;
use crate::template::{Case, Template};

/// The most cases that a template may unfold to.
const MOST: u64 = 1_000_000;

const SYSTEMS: [&str; 7] = ["linux", "macos", "windows", "freebsd", "openbsd", "netbsd", "android"];
const MACHINES: [&str; 9] =
    ["x86_64", "aarch64", "x86", "arm", "riscv64", "powerpc64", "s390x", "loongarch64", "mips64"];

/// Looks at one case by itself.
pub(super) fn check(case: &Case, found: &mut Vec<Diagnostic>) {
    if case.steps.is_empty() {
        let message = format!("case `{}` has no steps", case.id);
        found.push(
            Diagnostic::error("no-steps", message, case.id.span)
                .help("give it `steps`, or take it out"),
        );
    }
    let literal = |what: &str, text: &str, span| {
        text.contains("${{").then(|| {
            let message = format!("{what} cannot hold an expression");
            Diagnostic::error("no-expression", message, span)
        })
    };
    found.extend(case.tags.iter().filter_map(|tag| literal("a tag", tag, tag.span)));
    for tag in case.tags.iter().chain(&case.resources).filter(|name| name.trim().is_empty()) {
        found.push(Diagnostic::error("bad-name", "a tag or resource must not be empty", tag.span));
    }
    for (label, value) in case.requires.iter() {
        if let Some(mistake) = literal("a value of `requires`", value, label.span) {
            found.push(mistake);
        } else if let Some(mistake) = odd_label(&label.value, value, label.span) {
            found.push(mistake);
        }
    }
}

fn odd_label(label: &str, value: &str, span: crate::source::Span) -> Option<Diagnostic> {
    let known: &[&str] = match label {
        _ if value.trim().is_empty() => &[],
        "os" => &SYSTEMS,
        "arch" => &MACHINES,
        _ => return None,
    };
    if known.contains(&value) {
        return None;
    }
    let shown = if value.is_empty() { "an empty value".to_owned() } else { format!("`{value}`") };
    let message = format!("`requires` asks for {shown} as `{label}`, which no node has");
    let mistake = Diagnostic::warning("odd-label", message, span);
    Some(match nearest(value, known.iter().copied()) {
        Some(near) => mistake.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => mistake,
        None => mistake.help(format!("known values: {}", listed(known))),
    })
}

/// Cases that never run, whatever happens, and templates with more cases than can be run.
/// `counts` are the combinations of each case, as far as they are known.
pub(super) fn reach(template: &Template, counts: &[Option<u64>], found: &mut Vec<Diagnostic>) {
    let total: u64 = counts.iter().map(|count| count.unwrap_or(1)).fold(0, u64::saturating_add);
    if total > MOST {
        let largest = counts.iter().enumerate().max_by_key(|(_, count)| count.unwrap_or(1));
        let case = largest.map(|(at, _)| &template.cases[at]);
        let span = case.map_or(template.span, |c| c.matrix.as_ref().map_or(c.id.span, |m| m.span));
        let message = format!("the template unfolds to {total} cases, more than {MOST}");
        found.push(
            Diagnostic::error("too-many-cases", message, span).help("split it into several files"),
        );
    }
    let mut never: HashMap<&str, &Case> = HashMap::new();
    for (case, count) in template.cases.iter().zip(counts) {
        if let Some(condition) = case.condition.as_ref().filter(|text| is_false(text)) {
            let message = format!("case `{}` never runs: its `if` is always false", case.id);
            found.push(Diagnostic::warning("unreachable", message, condition.span));
            never.insert(&case.id, case);
        } else if *count == Some(0) {
            let span = case.matrix.as_ref().map_or(case.id.span, |matrix| matrix.span);
            let message = format!("case `{}` never runs: its matrix is empty", case.id);
            found.push(Diagnostic::warning("unreachable", message, span));
            never.insert(&case.id, case);
        }
    }
    waiting(template, never, found);
}

fn waiting<'a>(
    template: &'a Template,
    mut never: HashMap<&'a str, &'a Case>,
    found: &mut Vec<Diagnostic>,
) {
    // Each round finds those that wait for what the last one found.
    let mut last = never.len();
    while last > 0 {
        let before = never.len();
        for case in &template.cases {
            let need = case.needs.iter().find(|need| never.contains_key(&*need.value));
            if let Some(need) = need.filter(|_| !never.contains_key(&*case.id.value)) {
                let message =
                    format!("case `{}` never runs: it needs `{need}`, which never runs", case.id);
                found.push(Diagnostic::warning("unreachable", message, need.span));
                never.insert(&case.id, case);
            }
        }
        last = never.len() - before;
    }
}

fn is_false(condition: &str) -> bool {
    bare(condition).is_ok_and(|(text, _)| matches!(text, "false" | "False" | "0" | "''" | "\"\""))
}
