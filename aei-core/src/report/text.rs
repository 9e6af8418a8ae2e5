use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Attempt, CaseFold, CaseReport, OutputText, StepReport};
use crate::event::{
    Artifact, CaseStarted, CheckResult, Event, EventBody, Failure, Location, Phase, Status,
    StepFinished,
};

/// Folds the events of one case into the JSON text of its report.
///
/// A step becomes text as soon as it has ended, without being copied first: a case of many steps
/// takes up no more memory than that text, and little is left to do when it ends. What the events
/// tell of a step after its end is not taken any more; the engine tells nothing then.
#[derive(Debug, Clone)]
pub struct CaseText {
    /// All but the steps that are text already.
    fold: CaseFold,
    steps: Vec<u8>,
    earlier: Vec<u8>,
}

impl CaseText {
    /// The fold of a case that has just started.
    pub fn new(started: &CaseStarted, at: DateTime<Utc>) -> Self {
        Self { fold: CaseFold::new(started, at), steps: Vec::new(), earlier: Vec::new() }
    }

    /// Takes an event of this case.
    pub fn apply(&mut self, event: &Event) {
        if let EventBody::StepFinished(finished) = &event.event
            && let Some(step) = self.fold.take_first(finished.step)
        {
            add(&mut self.steps, &StepView::new(&step, finished));
            return;
        }
        self.fold.apply(event);
        if let Some(attempt) = self.fold.take_earlier() {
            self.end_attempt(attempt);
        }
    }

    /// Whether the last attempt has ended.
    pub const fn is_finished(&self) -> bool {
        self.fold.is_finished()
    }

    /// Adds the text of the report to `json`, and gives the report without its steps and earlier
    /// attempts. What is unfinished is `cancelled` and says why.
    pub fn finish(mut self, json: &mut Vec<u8>) -> CaseReport {
        let mut report = self.fold.into_report();
        for step in report.steps.drain(..) {
            add(&mut self.steps, &step);
        }
        // A list that is empty is left out, and these two are the last fields of a report.
        write(json, &report);
        add_list(json, "steps", &self.steps);
        add_list(json, "earlier", &self.earlier);
        report
    }

    fn end_attempt(&mut self, mut attempt: Attempt) {
        for step in attempt.steps.drain(..) {
            add(&mut self.steps, &step);
        }
        add(&mut self.earlier, &attempt);
        add_list(&mut self.earlier, "steps", &self.steps);
        self.steps.clear();
    }
}

/// Adds an element to the inside of a JSON list.
fn add(list: &mut Vec<u8>, element: &impl Serialize) {
    if !list.is_empty() {
        list.push(b',');
    }
    write(list, element);
}

/// Adds a list to the JSON object that `json` ends with.
fn add_list(json: &mut Vec<u8>, key: &str, inside: &[u8]) {
    if inside.is_empty() || json.pop_if(|byte| *byte == b'}').is_none() {
        return;
    }
    json.reserve(inside.len() + key.len() + 7);
    json.extend_from_slice(b",\"");
    json.extend_from_slice(key.as_bytes());
    json.extend_from_slice(b"\":[");
    json.extend_from_slice(inside);
    json.extend_from_slice(b"]}");
}

fn write(json: &mut Vec<u8>, value: &impl Serialize) {
    let written = serde_json::to_writer(&mut *json, value);
    debug_assert!(written.is_ok(), "reports have string keys, and memory takes all: {written:?}");
}

/// A [`StepReport`] put together of its two halves.
#[derive(Serialize)]
struct StepView<'a> {
    phase: Phase,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    uses: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a Location>,
    status: Status,
    started_at: DateTime<Utc>,
    duration_us: u64,
    attempts: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    checks: &'a [CheckResult],
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a Failure>,
    #[serde(skip_serializing_if = "Value::is_null")]
    outcome: &'a Value,
    #[serde(skip_serializing_if = "Map::is_empty")]
    captured: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    output: &'a [OutputText],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    artifacts: &'a [Artifact],
}

impl<'a> StepView<'a> {
    fn new(step: &'a StepReport, finished: &'a StepFinished) -> Self {
        Self {
            phase: step.phase,
            id: step.id.as_deref(),
            name: &step.name,
            uses: &step.uses,
            location: step.location.as_ref(),
            status: finished.status,
            started_at: step.started_at,
            duration_us: finished.duration_us,
            attempts: finished.attempts,
            checks: &finished.checks,
            failure: finished.failure.as_ref(),
            outcome: &finished.outcome,
            captured: &finished.captured,
            output: &step.output,
            artifacts: &step.artifacts,
        }
    }
}
