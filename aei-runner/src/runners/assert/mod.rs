//! `assert`: checks over captures and inputs, without doing anything.
//!
//! Its outcome is its `with`. It must stay free of I/O and of work: templates use it by the
//! hundred thousand.

mod run;

pub use run::Assert;
