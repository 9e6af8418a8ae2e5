//! The formats that a report is written in.
//!
//! Each writer is a function of a [`CaseSource`](super::CaseSource) that writes as it reads, so
//! that memory does not grow with the report. What they share is words: [`reason`] says why a case
//! did not pass, [`duration`] how long it took.

mod allure;
mod ctrf;
mod duration;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod name;
mod ndjson;
mod reason;
mod tap;
mod write;
mod xml;

pub(super) use duration::Duration;
pub use name::{Format, UnknownFormat};
pub use ndjson::events;
pub use reason::{Reason, reasons};
pub use write::{Options, WriteError, write, write_folder};
