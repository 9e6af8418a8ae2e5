//! How much a document may ask for.

use super::{Diagnostic, Span};

/// The largest file that is read: 64 MiB.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// The deepest nesting of lists and maps.
pub const MAX_NESTING: usize = 128;

/// How many bytes of nodes YAML aliases may add to a document. Without it, a few lines of aliases
/// of aliases grow past any memory.
pub(super) const MAX_ALIASED_BYTES: usize = 64 << 20;

/// Nesting past the limit.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    let message = format!("lists and maps are nested more than {MAX_NESTING} deep");
    Diagnostic::error("too-deep", message, span)
}
