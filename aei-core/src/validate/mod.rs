//! Finds every mistake in a template, before anything runs.
//!
//! [`shape()`] walks the tree as it was read and compares it with the schema of the template's
//! types: unknown keys, wrong types, missing keys. [`meaning()`] takes the typed template and looks
//! at what a schema cannot say: names that refer to nothing, circles, expressions, selectors.
//! Both find all mistakes at once, sorted by place.

mod blocks;
mod cases;
mod choice;
mod grammar;
mod inputs;
mod kinds;
mod matrix;
mod meaning;
mod names;
mod needs;
mod outcome;
mod place;
mod rule;
mod scalar;
mod scope;
mod shape;
mod sorted;
mod steps;
#[cfg(test)]
mod tests;
mod texts;
mod times;
mod types;
mod words;

pub use meaning::meaning;
pub(crate) use shape::fits;
pub use shape::shape;

use sorted::sorted;
