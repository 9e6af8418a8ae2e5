use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    Attempt, CaseReport, OutputText, REPORT_VERSION, Report, ReportHead, StepReport, SuiteReport,
};
use crate::event::{
    CaseIndex, CaseRole, CaseStarted, Event, EventBody, Failure, RunFinished, RunStarted, Status,
    StepFinished, StepIndex, StepStarted, Summary,
};

/// Folds the events of one case into its report.
#[derive(Debug, Clone)]
pub struct CaseFold {
    report: CaseReport,
    steps: HashMap<StepIndex, usize>,
    finished: bool,
}

/// Said of what a cut-off stream leaves open.
pub(super) const CUT_OFF: &str = "the run was cut off before this ended";

impl CaseFold {
    /// The fold of a case that has just started.
    pub fn new(started: &CaseStarted, at: DateTime<Utc>) -> Self {
        let report = CaseReport {
            case: started.case,
            suite: started.suite,
            id: started.id.clone(),
            name: started.name.clone(),
            role: started.role,
            tags: started.tags.clone(),
            matrix: started.matrix.clone(),
            location: started.location.clone(),
            status: Status::Cancelled,
            flaky: false,
            reason: Some(CUT_OFF.to_owned()),
            started_at: at,
            duration_us: 0,
            steps: Vec::new(),
            earlier: Vec::new(),
        };
        Self { report, steps: HashMap::new(), finished: false }
    }

    /// Takes an event of this case.
    pub fn apply(&mut self, event: &Event) {
        match &event.event {
            EventBody::CaseStarted(_) => self.report.started_at = event.at,
            EventBody::StepStarted(started) => self.start_step(started, event.at),
            EventBody::StepOutput(output) => {
                if let Some(step) = self.step(output.step) {
                    match step.output.last_mut() {
                        Some(last) if last.stream == output.stream => {
                            last.text.push_str(&output.text);
                        }
                        _ => step
                            .output
                            .push(OutputText { stream: output.stream, text: output.text.clone() }),
                    }
                }
            }
            EventBody::StepFinished(finished) => {
                if let Some(step) = self.step(finished.step) {
                    finish_step(step, finished);
                }
            }
            EventBody::Artifact(artifact) => {
                if let Some(step) = self.step(artifact.step) {
                    step.artifacts.push((**artifact).clone());
                }
            }
            EventBody::CaseFinished(finished) => {
                self.report.status = finished.status;
                self.report.reason.clone_from(&finished.reason);
                self.report.duration_us = finished.duration_us;
                self.report.flaky = finished.flaky;
                self.finished = !finished.will_retry;
                if finished.will_retry {
                    self.next_attempt(event.at);
                }
            }
            EventBody::RunStarted(_) | EventBody::RunFinished(_) => {}
        }
    }

    /// Whether the last attempt has ended.
    pub const fn is_finished(&self) -> bool {
        self.finished
    }

    /// The report so far; what is unfinished is `cancelled` and says why.
    pub const fn report(&self) -> &CaseReport {
        &self.report
    }

    /// The report, for keeps.
    pub fn into_report(self) -> CaseReport {
        self.report
    }

    /// Takes a step out, provided that none before it is still here.
    pub(super) fn take_first(&mut self, index: StepIndex) -> Option<StepReport> {
        if self.steps.get(&index) != Some(&0) {
            return None;
        }
        self.steps.remove(&index);
        for place in self.steps.values_mut() {
            *place -= 1;
        }
        Some(self.report.steps.remove(0))
    }

    /// Takes out the attempt that has just ended, if another follows.
    pub(super) fn take_earlier(&mut self) -> Option<Attempt> {
        self.report.earlier.pop()
    }

    fn step(&mut self, index: StepIndex) -> Option<&mut StepReport> {
        let place = *self.steps.get(&index)?;
        self.report.steps.get_mut(place)
    }

    fn start_step(&mut self, started: &StepStarted, at: DateTime<Utc>) {
        self.steps.insert(started.step, self.report.steps.len());
        self.report.steps.push(StepReport {
            phase: started.phase,
            id: started.id.clone(),
            name: started.name.clone(),
            uses: started.uses.clone(),
            location: started.location.clone(),
            status: Status::Cancelled,
            started_at: at,
            duration_us: 0,
            attempts: 0,
            checks: Vec::new(),
            failure: Some(Failure { message: CUT_OFF.to_owned(), help: None, location: None }),
            outcome: serde_json::Value::Null,
            captured: serde_json::Map::new(),
            output: Vec::new(),
            artifacts: Vec::new(),
        });
    }

    fn next_attempt(&mut self, at: DateTime<Utc>) {
        let report = &mut self.report;
        report.earlier.push(Attempt {
            status: report.status,
            reason: report.reason.take(),
            started_at: report.started_at,
            duration_us: report.duration_us,
            steps: std::mem::take(&mut report.steps),
        });
        report.started_at = at;
        report.status = Status::Cancelled;
        report.reason = Some(CUT_OFF.to_owned());
        report.duration_us = 0;
        self.steps.clear();
    }
}

fn finish_step(step: &mut StepReport, finished: &StepFinished) {
    step.status = finished.status;
    step.attempts = finished.attempts;
    step.duration_us = finished.duration_us;
    step.checks.clone_from(&finished.checks);
    step.failure.clone_from(&finished.failure);
    step.outcome.clone_from(&finished.outcome);
    step.captured.clone_from(&finished.captured);
}

impl ReportHead {
    /// The head of a run that has just started: nothing has ended yet.
    pub fn new(started: &RunStarted, event: &Event) -> Self {
        let suite = |suite: &crate::event::SuiteInfo| SuiteReport {
            name: suite.name.clone(),
            file: suite.file.clone(),
            description: suite.description.clone(),
            labels: suite.labels.clone(),
            inputs: suite.inputs.clone(),
            summary: Summary { total: suite.cases, ..Summary::default() },
            duration_us: 0,
        };
        Self {
            version: REPORT_VERSION,
            aei: started.aei.clone(),
            run_id: event.run_id,
            name: started.name.clone(),
            status: Status::Cancelled,
            complete: false,
            reason: Some(CUT_OFF.to_owned()),
            started_at: event.at,
            duration_us: 0,
            summary: Summary { total: started.cases, ..Summary::default() },
            jobs: started.jobs,
            seed: started.seed,
            node: started.node.clone(),
            suites: started.suites.iter().map(suite).collect(),
        }
    }

    /// Counts a case that has ended. A setup or teardown counts only when it is bad.
    pub fn count(&mut self, case: &CaseReport) {
        let Some(suite) = self.suites.get_mut(case.suite as usize) else { return };
        suite.duration_us += case.duration_us;
        if case.role != CaseRole::Case {
            if !case.status.is_bad() {
                return;
            }
            suite.summary.total += 1;
            self.summary.total += 1;
        }
        suite.summary.count(case.status, case.flaky);
        self.summary.count(case.status, case.flaky);
    }

    /// Takes over the verdict of the last event.
    pub fn finish(&mut self, finished: &RunFinished) {
        self.complete = true;
        self.status = finished.status;
        self.summary = finished.summary;
        self.duration_us = finished.duration_us;
        self.reason.clone_from(&finished.reason);
    }

    /// Closes a run whose last event is missing: it ends where the stream ends.
    pub fn cut_off(&mut self, last: DateTime<Utc>) {
        self.status = match self.summary.status() {
            Status::Passed => Status::Cancelled,
            bad => bad,
        };
        let ran = (last - self.started_at).num_microseconds().unwrap_or(0);
        self.duration_us = u64::try_from(ran).unwrap_or(0);
    }
}

impl Report {
    /// Folds a stream of events, which may be cut off at any place. `None` when it does not begin
    /// with `run_started`.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut fold: Option<ReportFold> = None;
        for event in events {
            match (&mut fold, &event.event) {
                (Some(fold), _) => fold.apply(event),
                (None, EventBody::RunStarted(started)) => {
                    fold = Some(ReportFold::new(started, event));
                }
                (None, _) => {}
            }
        }
        fold.map(ReportFold::into_report)
    }
}

/// A report in the making.
#[derive(Debug, Clone)]
pub struct ReportFold {
    head: ReportHead,
    open: HashMap<CaseIndex, CaseFold>,
    done: Vec<CaseReport>,
    last: DateTime<Utc>,
}

impl ReportFold {
    /// The fold of a run that has just started.
    pub fn new(started: &RunStarted, event: &Event) -> Self {
        Self {
            head: ReportHead::new(started, event),
            open: HashMap::new(),
            done: Vec::new(),
            last: event.at,
        }
    }

    /// Takes the next event.
    pub fn apply(&mut self, event: &Event) {
        self.last = event.at;
        if let EventBody::RunFinished(finished) = &event.event {
            self.head.finish(finished);
            return;
        }
        let Some(case) = event.event.case() else { return };
        match (self.open.get_mut(&case), &event.event) {
            (Some(fold), _) => {
                fold.apply(event);
                if fold.is_finished()
                    && let Some(fold) = self.open.remove(&case)
                {
                    self.close(fold);
                }
            }
            (None, EventBody::CaseStarted(started)) => {
                self.open.insert(case, CaseFold::new(started, event.at));
            }
            (None, _) => {}
        }
    }

    /// The report of all that was seen.
    pub fn into_report(mut self) -> Report {
        for (_, fold) in std::mem::take(&mut self.open) {
            self.close(fold);
        }
        if !self.head.complete {
            self.head.cut_off(self.last);
        }
        self.done.sort_by_key(|case| case.case);
        Report { head: self.head, cases: self.done }
    }

    fn close(&mut self, fold: CaseFold) {
        let case = fold.into_report();
        self.head.count(&case);
        self.done.push(case);
    }
}
