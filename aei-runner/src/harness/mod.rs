//! Templates as tests of `cargo test` and nextest: every case is one test.
//!
//! A test target with `harness = false` needs one line:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     aei_runner::harness::main("tests/templates")
//! }
//! ```
//!
//! Tests are called `<file>::<case>[<matrix>]`, so that filters choose files and cases. All that
//! are chosen run as one run of the engine, with what they need; a test waits for its case. Inputs
//! come from the templates' defaults and from `AEI_INPUT_<NAME>`.

mod failure;
mod interrupt;
mod results;
mod tests;

pub use tests::{Harness, main};
