use super::words::help_for;
use crate::diagnostic::Diagnostic;
use crate::runner::Registry;
use crate::source::Span;

/// What `uses` starts with when it calls a block.
pub(super) const BLOCK: &str = "block:";

/// The mistake of naming a runner kind that the registry does not have.
pub(super) fn unknown_kind(kind: &str, span: Span, registry: &Registry) -> Diagnostic {
    let message = match kind {
        "" => "`uses` names no runner kind".to_owned(),
        kind => format!("unknown runner kind `{kind}`"),
    };
    let diagnostic = Diagnostic::error("unknown-kind", message, span);
    match help_for(kind, registry.kinds(), "kinds") {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
