use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::{
    Artifact, CaseIndex, CaseRole, CheckResult, Failure, Location, Phase, RunId, Status, Summary,
};
use crate::runner::OutputStream;

/// A run with everything it gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The run as a whole. Always the first field, so that a reader can stream.
    pub head: ReportHead,
    /// The cases, in the order of the plan.
    pub cases: Vec<CaseReport>,
}

/// The run as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportHead {
    /// The version of the report format.
    pub version: u32,
    /// The version of AEI that ran it.
    pub aei: String,
    /// The run's identity.
    pub run_id: RunId,
    /// The run's name.
    pub name: String,
    /// The verdict. A run that was cut off is `cancelled` at best.
    pub status: Status,
    /// Whether the run came to its end. When not, unfinished cases are `cancelled` and say so.
    pub complete: bool,
    /// Why it was cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long, in microseconds.
    pub duration_us: u64,
    /// How many cases ended how.
    pub summary: Summary,
    /// How many cases ran at a time.
    pub jobs: u32,
    /// The seed of `--shuffle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Which machine.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node: BTreeMap<String, String>,
    /// The templates, in order.
    pub suites: Vec<SuiteReport>,
}

/// One template of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteReport {
    /// Its name.
    pub name: String,
    /// Its file, as given.
    pub file: String,
    /// What it tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The inputs it ran with; secrets are replaced.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// How many of its cases ended how.
    pub summary: Summary,
    /// The durations of its cases together, in microseconds.
    pub duration_us: u64,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseReport {
    /// Its place in the plan.
    pub case: CaseIndex,
    /// The place of its template in [`ReportHead::suites`].
    pub suite: u32,
    /// Its id; matrix values are added in brackets: `login[user=ann]`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// A case, or the template's setup or teardown.
    #[serde(default)]
    pub role: CaseRole,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Its matrix values.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub matrix: Map<String, Value>,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// How it ended, after all attempts.
    pub status: Status,
    /// Passed, but not at the first attempt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flaky: bool,
    /// Why it was skipped, cancelled or timed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When its last attempt began.
    pub started_at: DateTime<Utc>,
    /// How long its last attempt took, in microseconds.
    pub duration_us: u64,
    /// The steps of the last attempt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepReport>,
    /// The attempts before the last one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Attempt>,
}

/// An attempt of a case that was followed by another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// How it ended.
    pub status: Status,
    /// Why it timed out or was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long, in microseconds.
    pub duration_us: u64,
    /// Its steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepReport>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepReport {
    /// Which list it is in.
    #[serde(default)]
    pub phase: Phase,
    /// Its id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name for people.
    pub name: String,
    /// The runner kind.
    pub uses: String,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// How it ended.
    pub status: Status,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long, with all attempts and pauses, in microseconds.
    pub duration_us: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// Every check of the last attempt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckResult>,
    /// Why it was skipped or could not be carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What the runner returned, long texts cut.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub outcome: Value,
    /// What was captured.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub captured: Map<String, Value>,
    /// What it printed, neighbouring pieces of a stream joined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<OutputText>,
    /// The files it left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
}

/// Something printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutputText {
    /// Where to.
    pub stream: OutputStream,
    /// What.
    pub text: String,
}
