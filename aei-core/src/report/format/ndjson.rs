use std::io::Write;

use chrono::{DateTime, TimeDelta, Utc};

use super::WriteError;
use crate::event::{
    CaseFinished, CaseIndex, CaseStarted, EVENT_VERSION, Event, EventBody, RunFinished, RunId,
    RunStarted, Seq, Status, StepFinished, StepIndex, StepOutput, StepStarted, SuiteInfo,
};
use crate::report::{CUT_OFF, CaseReport, CaseSource, ReadError, ReportHead, StepReport};

pub(super) fn write(source: &mut dyn CaseSource, out: &mut dyn Write) -> Result<(), WriteError> {
    events(source, &mut |event| {
        serde_json::to_writer(&mut *out, event)?;
        out.write_all(b"\n")
    })?;
    Ok(out.flush()?)
}

/// The events that fold to this report, case after case: for sources whose journal is not at hand.
pub fn events(
    source: &mut dyn CaseSource,
    visit: &mut dyn FnMut(&Event) -> std::io::Result<()>,
) -> Result<(), ReadError> {
    let head = source.head().clone();
    let mut stream = Stream { run_id: head.run_id, seq: 0, visit };
    stream.send(head.started_at, EventBody::RunStarted(Box::new(run_started(&head))))?;
    source.each_case(&mut |case| stream.case(case))?;
    if head.complete {
        let at = after(head.started_at, head.duration_us);
        let finished = RunFinished {
            status: head.status,
            summary: head.summary,
            duration_us: head.duration_us,
            reason: head.reason,
        };
        stream.send(at, EventBody::RunFinished(Box::new(finished)))?;
    }
    Ok(())
}

fn run_started(head: &ReportHead) -> RunStarted {
    let suites = head.suites.iter().map(|suite| SuiteInfo {
        name: suite.name.clone(),
        file: suite.file.clone(),
        description: suite.description.clone(),
        labels: suite.labels.clone(),
        inputs: suite.inputs.clone(),
        cases: suite.summary.total,
    });
    RunStarted {
        version: EVENT_VERSION,
        aei: head.aei.clone(),
        name: head.name.clone(),
        suites: suites.collect(),
        cases: head.summary.total,
        jobs: head.jobs,
        seed: head.seed,
        node: head.node.clone(),
    }
}

fn after(at: DateTime<Utc>, us: u64) -> DateTime<Utc> {
    let delta = i64::try_from(us).map(TimeDelta::microseconds);
    delta.ok().and_then(|delta| at.checked_add_signed(delta)).unwrap_or(at)
}

struct Stream<'a> {
    run_id: RunId,
    seq: u64,
    visit: &'a mut dyn FnMut(&Event) -> std::io::Result<()>,
}

impl Stream<'_> {
    fn send(&mut self, at: DateTime<Utc>, event: EventBody) -> std::io::Result<()> {
        let seq = Seq(self.seq);
        self.seq += 1;
        (self.visit)(&Event { run_id: self.run_id, seq, at, event })
    }

    fn case(&mut self, case: &CaseReport) -> std::io::Result<()> {
        for (attempt, earlier) in (1..).zip(&case.earlier) {
            self.case_started(case, attempt, earlier.started_at)?;
            self.steps(case.case, &earlier.steps)?;
            let finished = CaseFinished {
                case: case.case,
                status: earlier.status,
                duration_us: earlier.duration_us,
                reason: earlier.reason.clone(),
                will_retry: true,
                flaky: false,
            };
            let at = after(earlier.started_at, earlier.duration_us);
            self.send(at, EventBody::CaseFinished(Box::new(finished)))?;
        }
        let attempt = u32::try_from(case.earlier.len() + 1).unwrap_or(u32::MAX);
        self.case_started(case, attempt, case.started_at)?;
        self.steps(case.case, &case.steps)?;
        if case.reason.as_deref() == Some(CUT_OFF) {
            return Ok(());
        }
        let finished = CaseFinished {
            case: case.case,
            status: case.status,
            duration_us: case.duration_us,
            reason: case.reason.clone(),
            will_retry: false,
            flaky: case.flaky,
        };
        let at = after(case.started_at, case.duration_us);
        self.send(at, EventBody::CaseFinished(Box::new(finished)))
    }

    fn case_started(
        &mut self,
        case: &CaseReport,
        attempt: u32,
        at: DateTime<Utc>,
    ) -> std::io::Result<()> {
        let started = CaseStarted {
            case: case.case,
            suite: case.suite,
            id: case.id.clone(),
            name: case.name.clone(),
            role: case.role,
            tags: case.tags.clone(),
            matrix: case.matrix.clone(),
            attempt,
            location: case.location.clone(),
        };
        self.send(at, EventBody::CaseStarted(Box::new(started)))
    }

    fn steps(&mut self, case: CaseIndex, steps: &[StepReport]) -> std::io::Result<()> {
        let mut index = 0;
        for step in steps {
            // Only artifacts remember the step's place in the plan, which may have gaps.
            index = step.artifacts.first().map_or(index, |artifact| artifact.step.0);
            self.step(case, StepIndex(index), step)?;
            index += 1;
        }
        Ok(())
    }

    fn step(
        &mut self,
        case: CaseIndex,
        index: StepIndex,
        step: &StepReport,
    ) -> std::io::Result<()> {
        let started = StepStarted {
            case,
            step: index,
            phase: step.phase,
            id: step.id.clone(),
            name: step.name.clone(),
            uses: step.uses.clone(),
            location: step.location.clone(),
        };
        self.send(step.started_at, EventBody::StepStarted(Box::new(started)))?;
        for output in &step.output {
            let (stream, text) = (output.stream, output.text.clone());
            let output = StepOutput { case, step: index, stream, text };
            self.send(step.started_at, EventBody::StepOutput(Box::new(output)))?;
        }
        let at = after(step.started_at, step.duration_us);
        for artifact in &step.artifacts {
            self.send(at, EventBody::Artifact(Box::new(artifact.clone())))?;
        }
        let open = step.status == Status::Cancelled
            && step.failure.as_ref().is_some_and(|failure| failure.message == CUT_OFF);
        if open {
            return Ok(());
        }
        let finished = StepFinished {
            case,
            step: index,
            status: step.status,
            attempts: step.attempts,
            duration_us: step.duration_us,
            checks: step.checks.clone(),
            failure: step.failure.clone(),
            outcome: step.outcome.clone(),
            captured: step.captured.clone(),
        };
        self.send(at, EventBody::StepFinished(Box::new(finished)))
    }
}
