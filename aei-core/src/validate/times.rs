//! Durations that make no sense where they stand.

use super::rule::Rule;
use crate::diagnostic::Diagnostic;
use crate::source::{Key, Node};
use crate::template::Period;

/// Looks at the durations of a map of the template's own grammar.
pub(super) fn check(rule: &Rule, entries: &[(Key, Node)]) -> Option<Diagnostic> {
    let period = |name: &str| {
        let (_, node) = entries.iter().find(|(key, _)| key.name == name)?;
        Some((node.as_str()?.parse::<Period>().ok()?.0, node.span))
    };
    if rule.name.as_deref() == Some("Retry") {
        let ((interval, at), (most, span)) = (period("interval")?, period("max_interval")?);
        return (most < interval).then(|| {
            Diagnostic::error("retry-interval", "`max_interval` is shorter than `interval`", span)
                .related(at, "the first pause")
        });
    }
    let is_grammar = matches!(rule.name.as_deref(), None | Some("Case" | "Step" | "Defaults"));
    let (timeout, span) =
        period("timeout").filter(|_| is_grammar && rule.key("timeout").is_some())?;
    timeout.is_zero().then(|| {
        Diagnostic::error("zero-timeout", "a `timeout` of zero lets nothing run", span)
            .help("leave it out for no limit")
    })
}
