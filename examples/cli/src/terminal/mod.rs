//! What people see: colours, lines, progress, failures, summaries.
//!
//! Everything here is a pure consumer of events and reports. Standard output carries results and
//! data, standard error carries talk.

mod console;
mod failure;
mod live;
mod paint;
mod screen;
mod summary;
mod text;

pub(crate) use console::Terminal;
pub(crate) use failure::{FailedCase, FailedStep};
pub(crate) use live::Live;
pub(crate) use paint::Paint;
pub(crate) use screen::{Detail, Memory, Screen};
pub(crate) use summary::{summary_json, summary_line};
pub(crate) use text::{Table, plural, shell_word};
