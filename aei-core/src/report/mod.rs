//! What a run gave, as a fold over its events.
//!
//! [`Report`] holds a whole run in memory. For runs of any size, formats read a [`CaseSource`]:
//! the head first, then one case at a time, in the order of the plan.

mod diff;
mod fold;
mod merge;
mod model;
mod source;
mod stored;
mod text;

pub mod format;

pub use diff::{Change, Difference, Ending, Slower, diff};
use fold::CUT_OFF;
pub use fold::{CaseFold, ReportFold};
pub use merge::merge;
pub use model::{Attempt, CaseReport, OutputText, Report, ReportHead, StepReport, SuiteReport};
pub use source::{CaseSource, ReadError};
pub use stored::StoredReport;
pub use text::CaseText;

/// The version of the report format.
pub const REPORT_VERSION: u32 = 1;
