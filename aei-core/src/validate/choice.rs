//! Schemas with several branches: which one was meant?

use super::place::Place;
use super::rule::{Extra, RuleId, Rules};
use super::scalar;
use super::shape::Walker;
use super::words::help_for;
use crate::diagnostic::Diagnostic;
use crate::source::{Node, NodeValue};

/// Walks a node that must fit one of the branches. When it fits none, the mistakes reported are
/// those of the branch that was most likely meant.
pub(super) fn walk<'a>(
    walker: &mut Walker<'a>,
    rules: &Rules,
    branches: &[RuleId],
    node: &'a Node,
    place: Place<'a>,
    hops: u8,
) {
    let possible: Vec<RuleId> =
        branches.iter().copied().filter(|&id| rules.get(id).accepts.fits(node)).collect();
    match possible.as_slice() {
        // The caller has seen to it that something fits; a circle of references may not.
        [] => return,
        [only] => return walker.node(rules, *only, node, place, hops),
        _ => {}
    }
    let before = walker.found.len();
    let mut failed = Vec::with_capacity(possible.len());
    for &id in &possible {
        walker.node(rules, id, node, place, hops);
        let mistakes = walker.found.split_off(before);
        if mistakes.is_empty() {
            return;
        }
        failed.push((id, mistakes));
    }
    let mistakes = one_of_values(rules, &possible, node, place)
        .or_else(|| unknown_to_all(rules, &possible, node, place));
    walker.found.extend(mistakes.unwrap_or_else(|| most_likely(failed, node)));
}

/// All branches are values: one list of them.
fn one_of_values(
    rules: &Rules,
    possible: &[RuleId],
    node: &Node,
    place: Place<'_>,
) -> Option<Vec<Diagnostic>> {
    let mut values = Vec::new();
    for &id in possible {
        let rule = rules.get(id);
        if rule.values.is_empty() {
            return None;
        }
        values.extend(rule.values.iter().cloned());
    }
    Some(vec![scalar::wrong_value(&values, node, place)])
}

/// Keys that no branch knows are the mistake, whatever else does not fit.
fn unknown_to_all(
    rules: &Rules,
    possible: &[RuleId],
    node: &Node,
    place: Place<'_>,
) -> Option<Vec<Diagnostic>> {
    let NodeValue::Map(entries) = &node.value else { return None };
    let all: Vec<_> = possible.iter().map(|&id| rules.get(id)).collect();
    if !all.iter().all(|rule| matches!(rule.extra, Extra::Refused)) {
        return None;
    }
    let mut known: Vec<&str> = Vec::new();
    for name in all.iter().flat_map(|rule| &rule.names) {
        if !known.contains(&name.as_str()) {
            known.push(name);
        }
    }
    let mistakes: Vec<_> = entries
        .iter()
        .filter(|(key, _)| !known.contains(&key.name.as_str()))
        .map(|(key, _)| {
            let message = format!("unknown key `{}` in {}", key.name, place.container(all[0]));
            let diagnostic = Diagnostic::error("unknown-key", message, key.span);
            match help_for(&key.name, known.iter().copied(), "keys") {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            }
        })
        .collect();
    (!mistakes.is_empty()).then_some(mistakes)
}

/// The branch whose tag fits and that has the fewest mistakes.
fn most_likely(failed: Vec<(RuleId, Vec<Diagnostic>)>, node: &Node) -> Vec<Diagnostic> {
    let tags: Vec<_> = node.as_map().unwrap_or_default().iter().map(|(_, v)| v.span).collect();
    let cost = |mistakes: &[Diagnostic]| {
        let wrong_tag =
            mistakes.iter().any(|m| m.code == "unknown-value" && tags.contains(&m.span));
        (wrong_tag, mistakes.len())
    };
    failed
        .into_iter()
        .min_by_key(|(_, mistakes)| cost(mistakes))
        .map(|(_, mistakes)| mistakes)
        .unwrap_or_default()
}
