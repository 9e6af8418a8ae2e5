//! From templates to an ordered plan: inputs decided, matrices unfolded, cases selected.
//!
//! Invariant: the same templates, options and host give the same plan, whatever the machine does
//! at the time.

mod build;
mod demands;
mod error;
mod inputs;
mod matrix;
mod options;
mod pick;
mod rerun;
mod shard;
mod shuffle;
mod suite;
mod tags;

pub use build::{Plan, PlannedCase};
pub use error::PlanError;
pub use inputs::{InputError, InputSources};
pub use options::{RunOptions, Selection, Shard, ShardError};
pub use rerun::Rerun;
pub use tags::{TagExpr, TagExprError};

pub(crate) use build::{Role, Unit};
pub(crate) use inputs::{from_value, labels};
pub(crate) use suite::PlannedSuite;
