//! Reading a JSON report back, one case at a time.
//!
//! `Window` is the part of the file in memory, `scan` finds where a JSON value ends without
//! parsing it, and [`StoredReport`] puts them together.

mod read;
mod scan;
mod window;

pub use read::StoredReport;
