use std::sync::Arc;

use aei_core::event::{
    CaseFinished, Emitter, EventBody, Failure, RunFinished, Sink, Status, StepFinished, Summary,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Engine, RunOutcome};
use crate::plan::{Plan, PlannedCase};
use crate::store::{CutOffRun, OpenCase};

/// A run whose process died, to be brought to its end without running anything.
pub struct CutOff {
    /// What is known of it.
    pub run: CutOffRun,
    /// What was to run, made anew of the same template and inputs. Without it, the cases that
    /// never began are only counted.
    pub plan: Option<Plan>,
    /// Who takes the events that end it.
    pub sinks: Vec<Box<dyn Sink>>,
    /// Why it was cut off, as a sentence's end: `the node was restarted`.
    pub reason: String,
}

impl Engine {
    /// Ends a run that was cut off: steps and cases in the middle are `errored`, those that never
    /// began `cancelled`, each with the reason. Nothing is run, not even teardown.
    pub fn conclude(&self, cut: CutOff) -> RunOutcome {
        let CutOff { run, plan, mut sinks, reason } = cut;
        let finished = run.finished().map(|finished| (finished.status, finished.summary));
        let CutOffRun { folder, open, reached, planned, last, .. } = run;
        let run_id = folder.run_id();
        sinks.insert(0, folder.sink());
        let redactor = plan.as_ref().map_or_else(Arc::default, |plan| Arc::clone(&plan.redactor));
        let emitter = Emitter::new(run_id, Arc::clone(&self.host), redactor, sinks);
        let (status, summary) = finished.unwrap_or_else(|| {
            let rest = plan.iter().flat_map(Plan::cases);
            let rest = rest.filter(|case| !reached.contains(&case.index));
            end_cases(&emitter, &open, last, rest, &reason);
            let mut summary = folder.summary();
            summary.total = summary.total.max(planned);
            let status = verdict(&mut summary);
            emitter.emit(EventBody::RunFinished(Box::new(RunFinished {
                status,
                summary,
                duration_us: folder.ran_for(last),
                reason: Some(reason),
            })));
            (status, summary)
        });
        emitter.flush();
        let mut sink_errors = emitter.errors();
        drop(emitter);
        let (report, error) = folder.into_report();
        sink_errors.extend(error);
        let Some(report) = report else {
            unreachable!("a folder is opened only when it has its `run_started`")
        };
        RunOutcome { run_id, status, summary, sink_errors, report: Box::new(report) }
    }
}

/// Cases that nobody can name are cancelled too, and count.
fn verdict(summary: &mut Summary) -> Status {
    let unknown = summary.total.saturating_sub(summary.finished());
    summary.cancelled += unknown;
    summary.status()
}

fn end_cases(
    emitter: &Emitter,
    open: &[OpenCase],
    last: DateTime<Utc>,
    rest: impl Iterator<Item = PlannedCase>,
    reason: &str,
) {
    for case in open {
        end_case(emitter, case, last, reason);
    }
    let never = format!("not started, since {reason}");
    for case in rest {
        emitter.emit(EventBody::CaseStarted(Box::new(case.started(1))));
        emitter.emit(EventBody::CaseFinished(Box::new(CaseFinished {
            case: case.index,
            status: Status::Cancelled,
            duration_us: 0,
            reason: Some(never.clone()),
            will_retry: false,
            flaky: false,
        })));
    }
    emitter.deliver();
}

fn end_case(emitter: &Emitter, open: &OpenCase, last: DateTime<Utc>, reason: &str) {
    let case = open.case;
    let message = format!("cut off in the middle, since {reason}");
    for &(step, began) in &open.steps {
        emitter.emit(EventBody::StepFinished(Box::new(StepFinished {
            case,
            step,
            status: Status::Errored,
            attempts: 1,
            duration_us: between(began, last),
            checks: Vec::new(),
            failure: Some(Failure { message: message.clone(), help: None, location: None }),
            outcome: Value::Null,
            captured: Map::new(),
        })));
    }
    emitter.emit(EventBody::CaseFinished(Box::new(CaseFinished {
        case,
        status: Status::Errored,
        duration_us: between(open.began, last),
        reason: Some(message),
        will_retry: false,
        flaky: false,
    })));
}

/// Microseconds from one moment to another by the same clock; nothing if it was set back.
fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> u64 {
    (to - from).num_microseconds().and_then(|us| u64::try_from(us).ok()).unwrap_or(0)
}
