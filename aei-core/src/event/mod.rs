//! Everything that happens in a run, as one enum.
//!
//! The engine emits events and nothing else; terminal, journal, report and live page are pure
//! consumers. Events are facts: owned, stored as they are sent, redacted before anybody sees them,
//! and without a word on how to show them.

mod body;
mod emitter;
mod ids;
mod sink;
mod status;

pub use body::{
    Artifact, CaseFinished, CaseRole, CaseStarted, CheckResult, EventBody, Failure, Limits,
    Location, Measurement, Phase, RunFinished, RunStarted, StepFinished, StepOutput, StepStarted,
    SuiteInfo,
};
pub use emitter::Emitter;
pub use ids::{CaseIndex, RunId, Seq, StepIndex};
pub use sink::{Sink, SinkError};
pub use status::{Status, Summary};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the event format, in [`RunStarted`].
pub const EVENT_VERSION: u32 = 1;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The run it belongs to.
    pub run_id: RunId,
    /// Counts the events of a run, from 0, without gaps.
    pub seq: Seq,
    /// When it happened, by the clock of the machine that ran it.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: EventBody,
}
