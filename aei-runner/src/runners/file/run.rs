use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aei_core::runner::{StepContext, StepError, StepErrorKind, StepRunner};

use super::act::Action;
use super::look::Look;
use super::{Outcome, Params};

/// The `file` runner.
#[derive(Debug, Clone, Copy)]
pub struct File;

impl StepRunner for File {
    const KIND: &'static str = "file";
    const EXAMPLE: &'static str = "\
uses: file
with: { path: out/report.json }
expect:
  - { that: exists, equals: true }
  - { that: json.total, gt: 0 }
  - { that: size, lt: 100000 }
";

    type Params = Params;
    type Outcome = Outcome;

    async fn run(&self, params: Params, cx: &StepContext) -> Result<Outcome, StepError> {
        let action = Action::of(&params, &cx.work_dir)?;
        let look = Look::new(&params, cx)?;
        let stop = Stop::default();
        let seen = stop.clone();
        // Stops the work on another thread, too, when this future is dropped.
        let _guard = StopOnDrop(stop.clone());
        let policy = Arc::clone(&cx.policy);
        let work = tokio::task::spawn_blocking(move || {
            action.carry_out(&*policy, look.path(), &stop)?;
            look.outcome(&stop)
        });
        tokio::select! {
            done = work => done.map_err(|error| {
                StepError::new(StepErrorKind::Internal, format!("the work broke off: {error}"))
            })?,
            () = cx.cancel.cancelled() => {
                seen.set();
                Err(stopped())
            }
        }
    }
}

pub(super) fn stopped() -> StepError {
    StepError::new(StepErrorKind::Cancelled, "the work on files was stopped")
}

/// Tells work on another thread to stop.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once it is time to stop.
    pub(super) fn check(&self) -> Result<(), StepError> {
        if self.0.load(Ordering::Relaxed) { Err(stopped()) } else { Ok(()) }
    }
}

struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}
