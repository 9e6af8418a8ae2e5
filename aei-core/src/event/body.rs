use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CaseIndex, Status, StepIndex, Summary};
use crate::redact::Redactor;
use crate::runner::OutputStream;
use crate::template::Operator;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventBody {
    /// The first event: what will be run.
    RunStarted(Box<RunStarted>),
    /// An attempt of a case begins.
    CaseStarted(Box<CaseStarted>),
    /// A step begins.
    StepStarted(Box<StepStarted>),
    /// A step printed something.
    StepOutput(Box<StepOutput>),
    /// A step has ended, after all its attempts.
    StepFinished(Box<StepFinished>),
    /// A step left a file.
    Artifact(Box<Artifact>),
    /// An attempt of a case has ended.
    CaseFinished(Box<CaseFinished>),
    /// The last event.
    RunFinished(Box<RunFinished>),
}

/// What will be run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// The version of the event format.
    pub version: u32,
    /// The version of AEI.
    pub aei: String,
    /// The name of the run: of its suite, or of the folder when there are several.
    pub name: String,
    /// The templates, in order.
    pub suites: Vec<SuiteInfo>,
    /// How many cases the plan has.
    pub cases: u32,
    /// How many cases run at a time.
    pub jobs: u32,
    /// The seed of `--shuffle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Which machine: `os`, `arch`, `hostname`, and a node's own labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node: BTreeMap<String, String>,
}

/// One template of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteInfo {
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
    /// The inputs it runs with; secrets are replaced.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// How many cases of the plan are its own.
    pub cases: u32,
}

/// What a case of a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseRole {
    /// A case of the template.
    #[default]
    Case,
    /// The template's own setup. Not counted unless it does not pass.
    Setup,
    /// The template's own teardown. Not counted unless it does not pass.
    Teardown,
}

impl CaseRole {
    fn is_case(&self) -> bool {
        *self == Self::Case
    }
}

/// An attempt of a case begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseStarted {
    /// The case.
    pub case: CaseIndex,
    /// The place of its template in [`RunStarted::suites`].
    pub suite: u32,
    /// Its id; matrix values are added in brackets: `login[user=ann]`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// A case, or the template's setup or teardown.
    #[serde(default, skip_serializing_if = "CaseRole::is_case")]
    pub role: CaseRole,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Its matrix values.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub matrix: Map<String, Value>,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A place in a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The file, as given.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Which list of steps a step is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// `setup`.
    Setup,
    /// `steps`.
    #[default]
    Steps,
    /// `teardown`.
    Teardown,
}

impl Phase {
    fn is_steps(&self) -> bool {
        *self == Self::Steps
    }
}

/// A step begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepStarted {
    /// The case.
    pub case: CaseIndex,
    /// The step.
    pub step: StepIndex,
    /// Which list it is in.
    #[serde(default, skip_serializing_if = "Phase::is_steps")]
    pub phase: Phase,
    /// Its id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name for people. Steps of a block have the caller's name in front: `log in › POST`.
    pub name: String,
    /// The runner kind.
    pub uses: String,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A step printed something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepOutput {
    /// The case.
    pub case: CaseIndex,
    /// The step.
    pub step: StepIndex,
    /// Where to.
    pub stream: OutputStream,
    /// What; bytes that are no UTF-8 are replaced.
    pub text: String,
}

/// A step has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepFinished {
    /// The case.
    pub case: CaseIndex,
    /// The step.
    pub step: StepIndex,
    /// How.
    pub status: Status,
    /// How often it was tried.
    pub attempts: u32,
    /// How long, with all attempts and pauses, in microseconds.
    pub duration_us: u64,
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
}

/// Why something was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// What went wrong, for people.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The place in the template that is to blame, when it is known better than the step's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// One operator of one entry of `expect`, evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// The selector.
    pub that: String,
    /// The operator.
    pub operator: Operator,
    /// Whether it held.
    pub passed: bool,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The operand, expressions evaluated.
    pub expected: Value,
    /// The value found; absent when the selector found nothing.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(with = "Option<Value>")]
    pub actual: Option<Value>,
    /// Why it did not hold, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Expected against actual, line by line, when that helps (unified diff).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The named measurement that it records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measurement: Option<Measurement>,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// `null` found is not the same as nothing found.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A value measured, with its limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// Its name.
    pub name: String,
    /// The number; absent when what was found is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it must keep to, from the operator.
    #[serde(default)]
    pub limits: Limits,
}

/// The limits of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// The least allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The most allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// A step left a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    /// The case.
    pub case: CaseIndex,
    /// The step.
    pub step: StepIndex,
    /// Its name for people.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its file, relative to the folder of the run.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// An attempt of a case has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseFinished {
    /// The case.
    pub case: CaseIndex,
    /// How.
    pub status: Status,
    /// How long, in microseconds.
    pub duration_us: u64,
    /// Why it was skipped, cancelled or timed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Another attempt follows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub will_retry: bool,
    /// Passed, but not at the first attempt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flaky: bool,
}

/// The run has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunFinished {
    /// The verdict.
    pub status: Status,
    /// How many cases ended how.
    pub summary: Summary,
    /// How long, in microseconds.
    pub duration_us: u64,
    /// Why it was cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl EventBody {
    /// The case that the event is about.
    pub const fn case(&self) -> Option<CaseIndex> {
        match self {
            Self::CaseStarted(e) => Some(e.case),
            Self::StepStarted(e) => Some(e.case),
            Self::StepOutput(e) => Some(e.case),
            Self::StepFinished(e) => Some(e.case),
            Self::Artifact(e) => Some(e.case),
            Self::CaseFinished(e) => Some(e.case),
            Self::RunStarted(_) | Self::RunFinished(_) => None,
        }
    }

    /// Takes every secret out of every text.
    pub(super) fn redact(&mut self, redactor: &Redactor) {
        if redactor.is_empty() {
            return;
        }
        match self {
            Self::RunStarted(e) => {
                redactor.clean(&mut e.name);
                for suite in &mut e.suites {
                    redactor.clean_option(&mut suite.description);
                    redactor.clean_map(&mut suite.inputs);
                }
            }
            Self::CaseStarted(e) => {
                redactor.clean(&mut e.id);
                redactor.clean(&mut e.name);
                redactor.clean_map(&mut e.matrix);
            }
            Self::StepStarted(e) => redactor.clean(&mut e.name),
            Self::StepOutput(e) => redactor.clean(&mut e.text),
            Self::StepFinished(e) => e.redact(redactor),
            Self::Artifact(e) => redactor.clean(&mut e.name),
            Self::CaseFinished(e) => redactor.clean_option(&mut e.reason),
            Self::RunFinished(e) => redactor.clean_option(&mut e.reason),
        }
    }
}

impl StepFinished {
    fn redact(&mut self, redactor: &Redactor) {
        redactor.clean_value(&mut self.outcome);
        redactor.clean_map(&mut self.captured);
        if let Some(failure) = &mut self.failure {
            redactor.clean(&mut failure.message);
            redactor.clean_option(&mut failure.help);
        }
        for check in &mut self.checks {
            redactor.clean_value(&mut check.expected);
            if let Some(actual) = &mut check.actual {
                redactor.clean_value(actual);
            }
            redactor.clean_option(&mut check.name);
            redactor.clean_option(&mut check.message);
            redactor.clean_option(&mut check.diff);
        }
    }
}
