//! The folder of a run: results on disk as they happen, and the report read back from there.
//!
//! - `events.ndjson`, the journal: every event, one a line, the truth;
//! - `cases.ndjson`: the report of every case that has ended, one a line, so that a report of any
//!   size is written without folding the journal again;
//! - `artifacts/`: files that steps left.
//!
//! A run that was killed still has its report: what the journal tells of unfinished cases is
//! folded when the folder is opened.

mod folder;
mod reader;
mod recorder;
mod resume;
mod spool;

pub use folder::{FolderError, RunFolder};
pub use reader::StoredRun;
pub use resume::CutOffRun;
pub(crate) use resume::OpenCase;
