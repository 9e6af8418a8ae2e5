//! Expressions: `${{ … }}` in MiniJinja's syntax over the names of a [`Scope`].
//!
//! A text is split into [`pieces()`]; what stands in `${{ }}` becomes code once and is evaluated
//! often. Plain dotted names, by far the most common, never reach MiniJinja. Work is limited by
//! fuel, so no expression runs for long. Clock, chance, environment and files come from the
//! [`Host`](crate::host::Host) only.

mod code;
mod convert;
mod error;
mod functions;
mod language;
mod path;
mod pieces;
mod references;
mod scope;
mod text;
mod tokens;

#[cfg(test)]
mod tests;

pub(crate) use code::Code;
pub(crate) use functions::World;
pub(crate) use scope::Names;
pub(crate) use text::Text;

pub use convert::plain_text;
pub use error::ExprError;
pub use functions::FUNCTIONS;
pub use language::{FILTERS, TESTS};
pub use pieces::{Piece, PieceKind, bare, pieces};
pub use references::{Reference, references};
pub use scope::{ROOTS, Scope};
