//! One self-contained page, made to be read with 10 cases and with 100,000.
//!
//! The report is streamed into a compact JSON table inside the page, one row a case: statuses as
//! numbers, repeated texts pooled, and only what can be looked at. Cases that did not pass keep
//! everything; of the others, long texts are cut. A small script draws what is on the screen, and
//! nothing else. Without it, the summary and the failures can still be read.

mod json;
mod page;
mod pool;
mod raw;
mod row;
mod still;

pub(super) use page::write;
