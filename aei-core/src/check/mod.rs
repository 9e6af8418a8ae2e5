//! Checks: what must hold of a value that a selector found.
//!
//! Every operator is evaluated and answered with a [`CheckResult`](crate::event::CheckResult),
//! whatever the others said. A selector that finds nothing never passes, unless absence is what
//! was asked for.

mod compare;
mod covers;
mod diff;
mod evaluate;
mod excerpt;
mod judge;
mod measure;
mod operand;
mod pattern;
mod schema;
mod snapshot;
mod words;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use pattern::PatternError;
pub(crate) use schema::Schemas;

pub use covers::covers;
pub use operand::operand_error;
