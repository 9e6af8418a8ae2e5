//! A package whose tests are templates: see `tests/templates.rs` and `tests/templates/`.
//!
//! ```console
//! $ cargo test -p aei-example-harness
//! $ cargo test -p aei-example-harness -- greeting
//! $ cargo nextest run -p aei-example-harness
//! ```
