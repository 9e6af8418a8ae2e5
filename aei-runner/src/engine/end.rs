use aei_core::check::covers;
use aei_core::evaluator::EvalError;
use aei_core::event::{CheckResult, Failure, Status};
use aei_core::policy::Refusal;
use aei_core::runner::{DynStepRunner, StepError, StepErrorKind};
use aei_core::source::Span;
use aei_core::template::Step;
use serde_json::{Map, Value};

use super::case::CaseRun;

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

pub(super) fn failure(message: impl Into<String>) -> Failure {
    Failure { message: message.into(), help: None, location: None }
}

impl CaseRun<'_> {
    /// Evaluates every check, the runner's own where the step does not speak of the same value.
    pub(super) fn judge(&self, step: &Step, runner: &dyn DynStepRunner, outcome: Value) -> StepEnd {
        let defaults = runner.spec().default_checks.iter();
        let apply = runner.default_checks_apply(&outcome);
        let defaults = defaults
            .filter(|default| apply && !step.expect.iter().any(|check| covers(check, default)));
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

    pub(super) fn broken(&self, step: &Step, error: StepError) -> StepEnd {
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

    /// What the node's policy forbids.
    pub(super) fn refused(&self, span: Span, refusal: &Refusal) -> StepEnd {
        let failure = Failure {
            message: refusal.to_string(),
            help: Some(Refusal::HELP.to_owned()),
            location: self.suite.location(span),
        };
        StepEnd::without_outcome(Status::Refused, failure)
    }

    /// An expression that cannot be evaluated.
    pub(super) fn errored(&self, error: &EvalError, doing: &str) -> StepEnd {
        if let Some(refusal) = &error.refusal {
            return self.refused(error.span, refusal);
        }
        let failure = Failure {
            message: format!("{doing}{}", error.message),
            help: error.help.clone(),
            location: self.suite.location(error.span),
        };
        StepEnd::without_outcome(Status::Errored, failure)
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

pub(super) const fn status_of(error: &StepError) -> Status {
    match error.kind {
        StepErrorKind::TimedOut => Status::TimedOut,
        StepErrorKind::Cancelled => Status::Cancelled,
        StepErrorKind::Refused => Status::Refused,
        _ => Status::Errored,
    }
}
