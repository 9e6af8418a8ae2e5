use crate::diagnostic::Diagnostic;

/// By place, and each mistake once.
pub(super) fn sorted(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by(|a, b| {
        (a.span, a.severity, a.code, &a.message).cmp(&(b.span, b.severity, b.code, &b.message))
    });
    found.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
    found
}
