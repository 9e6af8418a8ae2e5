//! Finds every mistake in a template, before anything runs.
//!
//! [`shape`] walks the tree as it was read and compares it with the schema of the template's
//! types: unknown keys, wrong types, missing keys. [`meaning`] takes the typed template and looks
//! at what a schema cannot say: names that refer to nothing, circles, expressions, selectors.
//! Both find all mistakes at once, sorted by place.

mod choice;
mod grammar;
mod kinds;
mod meaning;
mod names;
mod needs;
mod place;
mod rule;
mod scalar;
mod shape;
mod sorted;
#[cfg(test)]
mod tests;
mod types;
mod words;

pub use meaning::meaning;
pub use shape::shape;

use sorted::sorted;
