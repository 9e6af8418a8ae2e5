use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aei_core::runner::{StepContext, StepError, StepErrorKind, StepRunner};
use serde_json::Value;

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
  - { that: json.total, gt: 0 }
  - { that: size, lt: 100000 }
";

    const DEFAULT_CHECKS: &'static str = r#"[{"that": "exists", "equals": true}]"#;

    type Params = Params;
    type Outcome = Outcome;

    /// Not after `delete` and `move_to`, and not for a `glob`, which may well find nothing.
    fn default_checks_apply(&self, outcome: &Value) -> bool {
        let gone = ["moved", "deleted"].map(Value::from);
        let is_glob = outcome.get("kind").is_none() && outcome.get("files").is_some();
        !is_glob && !outcome.get("done").is_some_and(|done| gone.contains(done))
    }

    async fn run(&self, params: Params, cx: &StepContext) -> Result<Outcome, StepError> {
        let action = Action::of(&params, &cx.work_dir)?;
        let look = Look::new(&params, cx)?;
        let stop = Stop::default();
        let seen = stop.clone();
        // Stops the work on another thread, too, when this future is dropped.
        let _guard = StopOnDrop(stop.clone());
        let policy = Arc::clone(&cx.policy);
        let work = tokio::task::spawn_blocking(move || {
            let done = action.deed();
            action.carry_out(&*policy, look.path(), &stop)?;
            Ok(Outcome { done, ..look.outcome(&stop)? })
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
