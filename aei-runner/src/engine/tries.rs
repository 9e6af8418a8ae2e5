use std::sync::Arc;
use std::time::{Duration, Instant};

use aei_core::event::{Status, StepIndex};
use aei_core::runner::{DynStepRunner, StepContext, StepError, StepIdentity};
use aei_core::template::{Period, Retry, Step};
use serde_json::Value;

use super::attempt::{Bounds, attempt, defect};
use super::cancel::StepCancel;
use super::case::CaseRun;
use super::caught::caught;
use super::end::{StepEnd, failure, status_of};
use super::output::{KeptArtifacts, LiveOutput};
use super::shared::Deadline;
use super::verdict::CANCELLED;

/// The pause before a second try when `retry` does not say.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);

/// Which try of which step.
struct Place<'a> {
    index: StepIndex,
    live: &'a Arc<LiveOutput>,
    tried: u32,
}

impl CaseRun<'_> {
    /// Carries a step out, again and again as its `retry` says. The first try gets `with`; each
    /// further one has its expressions evaluated anew.
    pub(super) async fn tries(&self, step: &Step, index: StepIndex, with: Value) -> StepEnd {
        let kind = &*step.uses.value;
        let Some(runner) = self.shared.registry.get(kind).cloned() else {
            let message = format!("there is no step runner `{kind}`");
            return StepEnd::without_outcome(Status::Errored, failure(message));
        };
        if let Err(refusal) = self.suite.guard.check_kind(kind) {
            return self.refused(step.uses.span, &refusal);
        }
        let defaults = &self.suite.suite.template.defaults;
        let retry = step.retry.as_deref().or(defaults.retry.as_deref());
        let tries = retry.map_or(1, |retry| retry.attempts.max(1));
        let live = Arc::new(LiveOutput::new(
            &self.shared.emitter,
            &self.shared.redactor,
            self.planned.index,
            index,
        ));
        let mut with = Ok(with);
        let mut tried = 0;
        let mut end = loop {
            tried += 1;
            let (mut end, again) = match with {
                Ok(with) => {
                    self.once(step, with, &runner, &Place { index, live: &live, tried }).await
                }
                Err(error) => (self.errored(&error, ""), false),
            };
            end.attempts = tried;
            if end.status == Status::Passed || tried >= tries || !again {
                break end;
            }
            if let Some(retry) = retry
                && let Err(error) = self.pause(pause_after(retry, tried)).await
            {
                // The last result says more than that the time ran out while waiting.
                let late = format!("{}; gave up after {tried} attempts", error.message);
                let first = end.failure.get_or_insert_with(|| failure(""));
                first.message = match first.message.as_str() {
                    "" => late,
                    message => format!("{message} ({late})"),
                };
                end.status = status_of(&error);
                break end;
            }
            with = self.with(step);
        };
        live.finish();
        self.take_captures(step, &mut end);
        end
    }

    /// Tries once. Says also whether another try makes sense.
    async fn once(
        &self,
        step: &Step,
        with: Value,
        runner: &Arc<dyn DynStepRunner>,
        place: &Place<'_>,
    ) -> (StepEnd, bool) {
        let defaults = &self.suite.suite.template.defaults;
        let own = step.timeout.or(defaults.timeout);
        let own = own.and_then(|Period(limit)| Deadline::after(Instant::now(), limit, "step"));
        let longest = Deadline::of_policy(self.suite.guard.limits().step, "step");
        let bounds = Bounds {
            deadline: Deadline::sooner(Deadline::sooner(own, longest), self.deadline),
            stop: self.stop,
            kill: self.shared.cancel.killed(),
        };
        if self.stop.is_cancelled() {
            return (StepEnd::without_outcome(Status::Cancelled, failure(CANCELLED)), false);
        }
        if let Some(outer) = self.deadline.filter(Deadline::is_over) {
            return (StepEnd::without_outcome(Status::TimedOut, failure(outer.reason())), false);
        }
        let cancel = Arc::new(StepCancel::default());
        let cx = self.context(step, place, &cancel, &bounds);
        // What is left of a runner may panic even as it is dropped.
        let tried = caught(attempt(runner.as_ref(), with, &cx, &cancel, &bounds)).await;
        match tried.unwrap_or_else(|text| Err(defect(&text))) {
            Ok(outcome) => (self.judge(step, runner.as_ref(), outcome), true),
            Err(error) => {
                let outer_over = self.deadline.is_some_and(|deadline| deadline.is_over());
                let again = error.retryable && !outer_over && !self.stop.is_cancelled();
                (self.broken(step, error), again)
            }
        }
    }

    /// Waits between tries, unless the case's time or the run is over before.
    async fn pause(&self, length: Duration) -> Result<(), StepError> {
        let bounds =
            Bounds { deadline: self.deadline, stop: self.stop, kill: self.shared.cancel.killed() };
        tokio::select! {
            // Both may be due at once, and a try without time would only hide the last result.
            biased;
            error = bounds.over() => Err(error),
            () = tokio::time::sleep(length) => Ok(()),
        }
    }

    fn context(
        &self,
        step: &Step,
        place: &Place<'_>,
        cancel: &Arc<StepCancel>,
        bounds: &Bounds<'_>,
    ) -> StepContext {
        let shared = self.shared;
        let artifacts =
            KeptArtifacts { live: Arc::clone(place.live), folder: shared.folder.clone() };
        StepContext {
            identity: StepIdentity {
                case: self.planned.id.clone(),
                step: step
                    .id
                    .as_ref()
                    .map_or_else(|| place.index.to_string(), |id| id.value.to_string()),
                attempt: place.tried,
            },
            deadline: bounds.deadline.map(|deadline| deadline.at),
            work_dir: self.suite.suite.dir.clone(),
            cancel: Arc::clone(cancel) as _,
            output: Arc::clone(place.live) as _,
            artifacts: Arc::new(artifacts),
            case_state: Arc::clone(&self.state),
            run_state: Arc::clone(&shared.run_state),
            host: Arc::clone(&self.suite.runner_host),
            redactor: Arc::clone(&shared.redactor),
            policy: Arc::clone(&self.suite.guard),
        }
    }
}

fn pause_after(retry: &Retry, tried: u32) -> Duration {
    let first = retry.interval.map_or(DEFAULT_INTERVAL, |Period(interval)| interval);
    let power = i32::try_from(tried - 1).unwrap_or(i32::MAX);
    let factor = retry.backoff.unwrap_or(1.0).max(1.0).powi(power);
    let longest = retry.max_interval.map_or(Duration::from_hours(24), |Period(max)| max);
    Duration::try_from_secs_f64(first.as_secs_f64() * factor).unwrap_or(longest).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_their_limit() {
        let retry = Retry {
            attempts: 9,
            interval: Some(Period(Duration::from_millis(100))),
            backoff: Some(2.0),
            max_interval: Some(Period(Duration::from_millis(500))),
        };
        let pauses: Vec<u128> =
            (1..=5).map(|tried| pause_after(&retry, tried).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 500, 500]);
        let endless = Retry { backoff: Some(1e300), max_interval: None, ..retry };
        assert_eq!(pause_after(&endless, u32::MAX).as_secs(), 24 * 3600);
    }
}
