use aei_core::diagnostic::Diagnostic;
use aei_core::source::{SourceMap, render};

use super::InputError;

/// Why nothing can be run.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Mistakes that show only with the inputs at hand.
    #[error("{}", render(diagnostics, sources, false))]
    Template {
        /// What is wrong, with places.
        diagnostics: Vec<Diagnostic>,
        /// The text they point at.
        sources: Box<SourceMap>,
    },
    /// Inputs that are missing, unknown or wrong.
    #[error("{}", .0.iter().map(|e| format!("{e}; {}", e.help)).collect::<Vec<_>>().join("\n"))]
    Inputs(Vec<InputError>),
    /// The selection is no pattern.
    #[error("bad case pattern `{pattern}`: {reason}")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// Nothing is left to run.
    #[error("no case is selected: {reason}")]
    Nothing {
        /// Which filter left nothing, with the nearest id if there is one.
        reason: String,
    },
}
