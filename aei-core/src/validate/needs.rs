//! `needs`: what they name exists, and nothing waits for itself.

use std::collections::HashMap;

use super::words::help_for;
use crate::diagnostic::Diagnostic;
use crate::template::{Case, Template};

/// Looks at all `needs` of a template.
pub(super) fn check(template: &Template, found: &mut Vec<Diagnostic>) {
    if template.cases.iter().all(|case| case.needs.is_empty()) {
        return;
    }
    let by_id: HashMap<&str, usize> =
        template.cases.iter().enumerate().map(|(at, case)| (&*case.id.value, at)).collect();
    for case in &template.cases {
        unknown(case, &by_id, template, found);
    }
    let edges: Vec<Vec<usize>> = template
        .cases
        .iter()
        .map(|case| case.needs.iter().filter_map(|need| by_id.get(&*need.value).copied()).collect())
        .collect();
    for circle in circles(&edges) {
        if let [case] = circle.as_slice() {
            let case = &template.cases[*case];
            let need = case.needs.iter().find(|need| need.value == case.id.value);
            let message = format!("case `{}` needs itself", case.id);
            let span = need.map_or(case.id.span, |need| need.span);
            found.push(Diagnostic::error("needs-cycle", message, span));
        } else {
            found.push(cycle(&circle, template));
        }
    }
}

fn unknown(
    case: &Case,
    by_id: &HashMap<&str, usize>,
    template: &Template,
    found: &mut Vec<Diagnostic>,
) {
    for need in case.needs.iter().filter(|need| !by_id.contains_key(&*need.value)) {
        let message = format!("case `{}` needs `{need}`, which does not exist", case.id);
        let diagnostic = Diagnostic::error("unknown-need", message, need.span);
        let others = template.cases.iter().filter(|other| other.id.value != case.id.value);
        let ids = others.map(|other| &*other.id.value);
        found.push(match help_for(need, ids, "cases") {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }
}

fn cycle(circle: &[usize], template: &Template) -> Diagnostic {
    let case = |at: usize| &template.cases[circle[at % circle.len()]];
    let ids: Vec<&str> = (0..=circle.len()).map(|at| &*case(at).id.value).collect();
    let message = format!("cases need each other in a circle: {}", ids.join(" → "));
    let span = |at: usize| {
        let next = &case(at + 1).id.value;
        case(at).needs.iter().find(|need| need.value == *next).map_or(case(at).id.span, |n| n.span)
    };
    let mut diagnostic =
        Diagnostic::error("needs-cycle", message, span(0)).help("take one of these needs away");
    for at in 1..circle.len() {
        diagnostic =
            diagnostic.related(span(at), format!("`{}` needs `{}`", case(at).id, case(at + 1).id));
    }
    diagnostic
}

/// The circles of a graph: one for each edge that leads back to a node on the way to it. Each
/// begins with its smallest node.
pub(super) fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; edges.len()];
    let mut found: Vec<Vec<usize>> = Vec::new();
    // A stack of our own: a chain of a million needs is fine.
    let mut path: Vec<(usize, usize)> = Vec::new();
    for start in 0..edges.len() {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        path.push((start, 0));
        while let Some((node, next)) = path.last_mut() {
            let Some(&target) = edges[*node].get(*next) else {
                marks[*node] = Mark::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match marks[target] {
                Mark::New => {
                    marks[target] = Mark::Open;
                    path.push((target, 0));
                }
                Mark::Open => {
                    let from = path.iter().position(|(node, _)| *node == target).unwrap_or(0);
                    let mut circle: Vec<usize> = path[from..].iter().map(|(n, _)| *n).collect();
                    let smallest =
                        circle.iter().enumerate().min_by_key(|(_, n)| **n).map_or(0, |(at, _)| at);
                    circle.rotate_left(smallest);
                    if !found.contains(&circle) {
                        found.push(circle);
                    }
                }
                Mark::Done => {}
            }
        }
    }
    found
}
