use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aei_core::check::covers;
use aei_core::evaluator::EvalError;
use aei_core::event::{
    CheckResult, EventBody, Failure, Phase, Status, StepFinished, StepIndex, StepStarted,
};
use aei_core::expr::Scope;
use aei_core::runner::{DynStepRunner, StepContext, StepError, StepErrorKind, StepIdentity};
use aei_core::source::{Node, Span};
use aei_core::template::{Period, Retry, Step};
use serde_json::{Map, Value};

use super::attempt::{Bounds, attempt};
use super::cancel::StepCancel;
use super::case::CaseRun;
use super::excerpt::excerpt;
use super::output::{KeptArtifacts, LiveOutput};
use super::shared::Deadline;
use super::verdict::CANCELLED;

/// How a step ended.
pub(super) struct StepEnd {
    pub(super) status: Status,
    pub(super) attempts: u32,
    pub(super) checks: Vec<CheckResult>,
    pub(super) failure: Option<Failure>,
    /// As runners gave it, for expressions.
    pub(super) outcome: Value,
    pub(super) captured: Map<String, Value>,
}

impl StepEnd {
    pub(super) fn without_outcome(status: Status, failure: Failure) -> Self {
        Self {
            status,
            attempts: 0,
            checks: Vec::new(),
            failure: Some(failure),
            outcome: Value::Null,
            captured: Map::new(),
        }
    }
}

/// The pause before a second try when `retry` does not say.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);

/// Microseconds since a point in time.
pub(super) fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

pub(super) fn failure(message: impl Into<String>) -> Failure {
    Failure { message: message.into(), help: None, location: None }
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
        let index = self.start_step(step, prefix);
        let end = match self.condition(step) {
            Ok(true) => self.attempts(step, index).await,
            Ok(false) => skipped_by_if(step),
            Err(error) => self.errored(&error, "cannot evaluate `if`: "),
        };
        let status = end.status;
        self.end_step(step, index, began, end);
        status
    }

    fn skip(&mut self, step: &Step, prefix: &str) {
        let began = Instant::now();
        let index = self.start_step(step, prefix);
        let end = StepEnd::without_outcome(
            Status::Skipped,
            failure("not reached: an earlier step did not pass"),
        );
        self.end_step(step, index, began, end);
    }

    /// Whether the step's `if` lets it run.
    pub(super) fn condition(&self, step: &Step) -> Result<bool, EvalError> {
        let Some(condition) = &step.condition else { return Ok(true) };
        self.suite.evaluator.is_true(&condition.value, condition.span, &self.scope)
    }

    /// Tells that a step begins.
    pub(super) fn start_step(&mut self, step: &Step, prefix: &str) -> StepIndex {
        let index = StepIndex(self.next_step);
        self.next_step += 1;
        let own = self.name(step);
        let name = if prefix.is_empty() { own } else { format!("{prefix} › {own}") };
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
        let outcome = excerpt(&end.outcome, &self.shared.redactor);
        self.keep(step.id.as_ref().map(|id| &*id.value), end.outcome);
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

    /// What people call a step: its name, its id, or its runner with the first words of `with`.
    pub(super) fn name(&self, step: &Step) -> String {
        if let Some(name) = &step.name {
            let rendered = self.suite.evaluator.render_text(&name.value, name.span, &self.scope);
            return rendered.unwrap_or_else(|_| name.value.to_string());
        }
        if let Some(id) = &step.id {
            return id.value.to_string();
        }
        let mut name = step.uses.value.to_string();
        let entries = step.with.as_ref().and_then(Node::as_map).unwrap_or_default();
        for (text, span) in entries.iter().filter_map(|(_, node)| first_text(node)).take(2) {
            let rendered = self.suite.evaluator.render_text(text, span, &self.scope);
            let mut text = rendered.unwrap_or_else(|_| text.to_owned());
            // Before the cut: half a secret would not be found later.
            self.shared.redactor.clean(&mut text);
            let line = text.lines().next().unwrap_or_default();
            name.push(' ');
            name.extend(line.chars().take(60));
            if line.chars().nth(60).is_some() {
                name.push('…');
            }
        }
        name
    }

    async fn attempts(&mut self, step: &'a Step, index: StepIndex) -> StepEnd {
        let kind = &*step.uses.value;
        let Some(runner) = self.shared.registry.get(kind).cloned() else {
            let message = format!("there is no step runner `{kind}`");
            return StepEnd::without_outcome(Status::Errored, failure(message));
        };
        let defaults = &self.suite.suite.template.defaults;
        let retry = step.retry.as_deref().or(defaults.retry.as_deref());
        let tries = retry.map_or(1, |retry| retry.attempts.max(1));
        let live = Arc::new(LiveOutput::new(
            &self.shared.emitter,
            &self.shared.redactor,
            self.planned.index,
            index,
        ));
        let mut tried = 0;
        let mut end = loop {
            tried += 1;
            let (mut end, again) = self.once(step, index, &runner, &live, tried).await;
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
        };
        live.finish();
        self.take_captures(step, &mut end);
        end
    }

    /// Tries once. Says also whether another try makes sense.
    async fn once(
        &self,
        step: &'a Step,
        index: StepIndex,
        runner: &Arc<dyn DynStepRunner>,
        live: &Arc<LiveOutput>,
        tried: u32,
    ) -> (StepEnd, bool) {
        let with = match self.with(step) {
            Ok(with) => with,
            Err(error) => return (self.errored(&error, ""), false),
        };
        let defaults = &self.suite.suite.template.defaults;
        let own = step.timeout.or(defaults.timeout);
        let own = own.and_then(|Period(limit)| Deadline::after(Instant::now(), limit, "step"));
        let bounds = Bounds {
            deadline: Deadline::sooner(own, self.deadline),
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
        let cx = self.context(step, index, live, &cancel, &bounds, tried);
        match attempt(runner.as_ref(), with, &cx, &cancel, &bounds).await {
            Ok(outcome) => (self.judge(step, runner, outcome), true),
            Err(error) => {
                let outer_over = self.deadline.is_some_and(|deadline| deadline.is_over());
                let again = error.retryable && !outer_over && !self.stop.is_cancelled();
                (self.broken(step, error), again)
            }
        }
    }

    /// `with`, expressions evaluated, laid over the defaults of the runner's kind.
    pub(super) fn with(&self, step: &Step) -> Result<Value, EvalError> {
        let evaluator = &self.suite.evaluator;
        let own = match &step.with {
            Some(node) => evaluator.render(node, &self.scope)?,
            None => Value::Object(Map::new()),
        };
        match self.suite.suite.template.defaults.with.get(&step.uses.value) {
            Some(node) => {
                let mut base = self.render_defaults(node)?;
                lay_over(&mut base, own);
                Ok(base)
            }
            None => Ok(own),
        }
    }

    /// Defaults belong to the template: even in a block, `inputs` are the template's there.
    fn render_defaults(&self, node: &Node) -> Result<Value, EvalError> {
        if Arc::ptr_eq(&self.scope.inputs, &self.suite.inputs) {
            return self.suite.evaluator.render(node, &self.scope);
        }
        let inputs = Arc::clone(&self.suite.inputs);
        self.suite.evaluator.render(node, &Scope { inputs, ..self.scope.clone() })
    }

    fn context(
        &self,
        step: &Step,
        index: StepIndex,
        live: &Arc<LiveOutput>,
        cancel: &Arc<StepCancel>,
        bounds: &Bounds<'_>,
        tried: u32,
    ) -> StepContext {
        let shared = self.shared;
        let artifacts = KeptArtifacts {
            emitter: Arc::clone(&shared.emitter),
            redactor: Arc::clone(&shared.redactor),
            folder: shared.folder.clone(),
            case: self.planned.index,
            step: index,
        };
        StepContext {
            identity: StepIdentity {
                case: self.planned.id.clone(),
                step: step.id.as_ref().map_or_else(|| index.to_string(), |id| id.value.to_string()),
                attempt: tried,
            },
            deadline: bounds.deadline.map(|deadline| deadline.at),
            work_dir: self.suite.suite.dir.clone(),
            cancel: Arc::clone(cancel) as _,
            output: Arc::clone(live) as _,
            artifacts: Arc::new(artifacts),
            case_state: Arc::clone(&self.state),
            run_state: Arc::clone(&shared.run_state),
            host: Arc::clone(&shared.host),
            redactor: Arc::clone(&shared.redactor),
        }
    }

    /// Evaluates every check, the runner's own where the step does not speak of the same value.
    fn judge(&self, step: &Step, runner: &Arc<dyn DynStepRunner>, outcome: Value) -> StepEnd {
        let defaults = runner.spec().default_checks.iter();
        let defaults =
            defaults.filter(|default| !step.expect.iter().any(|check| covers(check, default)));
        let mut checks = Vec::with_capacity(step.expect.len() + 1);
        for check in step.expect.iter().chain(defaults) {
            checks.extend(self.suite.evaluator.check(check, &outcome, &self.scope));
        }
        let passed = checks.iter().all(|check| check.passed);
        StepEnd {
            status: if passed { Status::Passed } else { Status::Failed },
            attempts: 0,
            checks,
            failure: None,
            outcome,
            captured: Map::new(),
        }
    }

    fn broken(&self, step: &Step, error: StepError) -> StepEnd {
        let status = status_of(&error);
        let blamed = error.at.as_ref().zip(step.with.as_ref());
        let span = blamed.map(|(pointer, with)| with.nearest(pointer).span);
        let failure = Failure {
            message: error.message,
            help: error.help,
            location: span.and_then(|span| self.suite.location(span)),
        };
        let outcome = error.detail.map_or(Value::Null, |detail| *detail);
        StepEnd { outcome, ..StepEnd::without_outcome(status, failure) }
    }

    /// An expression that cannot be evaluated.
    pub(super) fn errored(&self, error: &EvalError, doing: &str) -> StepEnd {
        let failure = Failure {
            message: format!("{doing}{}", error.message),
            help: error.help.clone(),
            location: self.suite.location(error.span),
        };
        StepEnd::without_outcome(Status::Errored, failure)
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

    pub(super) fn take_captures(&self, step: &Step, end: &mut StepEnd) {
        if end.outcome.is_null() {
            return;
        }
        for (name, selector) in step.capture.iter() {
            let found = self.suite.evaluator.select(&selector.value, selector.span, &end.outcome);
            let trouble = match found {
                Ok(Some(value)) => {
                    end.captured.insert(name.value.to_string(), value);
                    continue;
                }
                Ok(None) => format!("found nothing at `{}` in the outcome", selector.value),
                Err(error) => error.message,
            };
            if end.status == Status::Passed {
                end.status = Status::Failed;
                end.failure = Some(Failure {
                    message: format!("cannot capture `{}`: {trouble}", name.value),
                    help: None,
                    location: self.suite.location(selector.span),
                });
            }
        }
    }
}

fn skipped_by_if(step: &Step) -> StepEnd {
    let condition = step.condition.as_ref().map_or("", |condition| &*condition.value);
    StepEnd::without_outcome(Status::Skipped, failure(format!("`if: {condition}` is false")))
}

const fn status_of(error: &StepError) -> Status {
    match error.kind {
        StepErrorKind::TimedOut => Status::TimedOut,
        StepErrorKind::Cancelled => Status::Cancelled,
        StepErrorKind::Refused => Status::Refused,
        _ => Status::Errored,
    }
}

fn pause_after(retry: &Retry, tried: u32) -> Duration {
    let first = retry.interval.map_or(DEFAULT_INTERVAL, |Period(interval)| interval);
    let power = i32::try_from(tried - 1).unwrap_or(i32::MAX);
    let factor = retry.backoff.unwrap_or(1.0).max(1.0).powi(power);
    let longest = retry.max_interval.map_or(Duration::from_hours(24), |Period(max)| max);
    Duration::try_from_secs_f64(first.as_secs_f64() * factor).unwrap_or(longest).min(longest)
}

/// Maps are merged key by key; anything else is replaced.
fn lay_over(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(below) => lay_over(below, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, over) => *base = over,
    }
}

fn first_text(node: &Node) -> Option<(&str, Span)> {
    let node = node.as_list().map_or(Some(node), <[_]>::first)?;
    Some((node.as_str()?, node.span))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn own_values_win_over_defaults_deep_down() {
        let mut base = json!({ "headers": { "a": 1, "b": 2 }, "list": [1, 2] });
        lay_over(&mut base, json!({ "headers": { "b": 3 }, "list": [9], "new": true }));
        let merged = json!({ "headers": { "a": 1, "b": 3 }, "list": [9], "new": true });
        assert_eq!(base, merged);
    }

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
