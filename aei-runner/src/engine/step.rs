use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use aei_core::event::{EventBody, Phase, Status, StepFinished, StepIndex, StepStarted};
use aei_core::template::Step;
use serde_json::Value;

use super::case::CaseRun;
use super::end::{StepEnd, failure};
use super::excerpt::excerpt;

/// Microseconds since a point in time.
pub(super) fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

impl<'a> CaseRun<'a> {
    /// Carries a list of steps out and gives the status of the first that did not pass.
    ///
    /// Boxed, since a block may call blocks.
    pub(super) fn run_steps<'b>(
        &'b mut self,
        steps: &'a [Step],
        prefix: &'b str,
    ) -> Pin<Box<dyn Future<Output = Status> + 'b>> {
        Box::pin(async move {
            let mut worst = Status::Passed;
            let mut blocked = false;
            for step in steps {
                // Many steps that never wait must not starve the cases next to this one.
                tokio::task::coop::consume_budget().await;
                if blocked {
                    self.skip(step, prefix);
                    continue;
                }
                let status = match step.uses.value.strip_prefix("block:") {
                    Some(block) => self.run_block(step, block, prefix).await,
                    None => self.run_step(step, prefix).await,
                };
                if matches!(status, Status::Passed | Status::Skipped) {
                    continue;
                }
                if worst == Status::Passed {
                    worst = status;
                }
                // Teardown does what it can: each of its steps may be the one that matters.
                blocked = self.phase != Phase::Teardown && !step.continue_on_failure;
            }
            worst
        })
    }

    async fn run_step(&mut self, step: &'a Step, prefix: &str) -> Status {
        let began = Instant::now();
        // Before the step is told of: its name shows what the first try gets.
        let with = self.enter(step);
        let name = self.full_name(step, prefix, with.as_ref().ok());
        let index = self.start_step(step, name);
        let end = match with {
            Ok(with) => self.tries(step, index, with).await,
            Err(end) => *end,
        };
        let status = end.status;
        self.end_step(step, index, began, end);
        status
    }

    fn skip(&mut self, step: &Step, prefix: &str) {
        let began = Instant::now();
        let name = self.full_name(step, prefix, None);
        let index = self.start_step(step, name);
        let end = StepEnd::without_outcome(
            Status::Skipped,
            failure("not reached: an earlier step did not pass"),
        );
        self.end_step(step, index, began, end);
    }

    /// What a step gets, if its `if` lets it run; else how it ended.
    pub(super) fn enter(&self, step: &Step) -> Result<Value, Box<StepEnd>> {
        if let Some(condition) = &step.condition {
            match self.suite.evaluator.is_true(&condition.value, condition.span, &self.scope) {
                Ok(true) => {}
                Ok(false) => {
                    let reason = failure(format!("`if: {}` is false", condition.value));
                    return Err(Box::new(StepEnd::without_outcome(Status::Skipped, reason)));
                }
                Err(error) => return Err(Box::new(self.errored(&error, "cannot evaluate `if`: "))),
            }
        }
        self.with(step).map_err(|error| Box::new(self.errored(&error, "")))
    }

    /// Tells that a step begins.
    pub(super) fn start_step(&mut self, step: &Step, name: String) -> StepIndex {
        let index = StepIndex(self.next_step);
        self.next_step += 1;
        self.shared.emitter.emit(EventBody::StepStarted(Box::new(StepStarted {
            case: self.planned.index,
            step: index,
            phase: self.phase,
            id: step.id.as_ref().map(|id| id.value.to_string()),
            name,
            uses: step.uses.value.to_string(),
            location: self.suite.location(step.span),
        })));
        index
    }

    /// Tells how a step ended and takes over what it gave.
    pub(super) fn end_step(&mut self, step: &Step, index: StepIndex, began: Instant, end: StepEnd) {
        let reason = matches!(end.status, Status::TimedOut | Status::Cancelled)
            .then(|| end.failure.as_ref().map(|failure| failure.message.clone()))
            .flatten();
        self.verdict.add(end.status, reason);
        self.active |= end.status != Status::Skipped;
        self.capture(&end.captured);
        if let Some(id) = &step.id {
            self.keep(&id.value, end.outcome.clone());
        }
        let outcome = excerpt(end.outcome, &self.shared.redactor);
        self.shared.emitter.emit(EventBody::StepFinished(Box::new(StepFinished {
            case: self.planned.index,
            step: index,
            status: end.status,
            attempts: end.attempts,
            duration_us: micros(began),
            checks: end.checks,
            failure: end.failure,
            outcome,
            captured: end.captured,
        })));
    }
}
