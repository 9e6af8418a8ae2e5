//! From files to a checked [`Template`](crate::template::Template).
//!
//! Reading goes through [`Host`](crate::host::Host). Mistakes of all files are
//! [`Diagnostic`](crate::diagnostic::Diagnostic)s in one [`SourceMap`](crate::source::SourceMap).

mod bundle;
mod file;
mod include;
mod matrix_rows;
mod suite;
#[cfg(test)]
mod tests;

pub use bundle::bundle;
pub use matrix_rows::matrix_rows;
pub use suite::{LoadError, Suite, load};
