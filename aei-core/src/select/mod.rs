//! Selectors: what a check or capture looks at in an outcome.
//!
//! RFC 9535 JSONPath when the text begins with `$`, a dotted name otherwise. One language for
//! all runners; a selector knows nothing of the kind whose outcome it reads.

mod dotted;
mod json_path;
mod selector;

pub use selector::{Segment, Selector, SelectorError};
