use std::sync::Arc;
use std::time::Instant;

use aei_core::event::{CaseFinished, CaseIndex, EventBody, Phase, Status};
use aei_core::expr::Scope;
use aei_core::runner::State;
use aei_core::template::{Period, Step};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::shared::{Deadline, Shared};
use super::verdict::Verdict;
use crate::plan::{PlannedCase, PlannedSuite, Role};

/// One unit at work: a case, or a template's setup or teardown.
pub(crate) struct CaseRun<'a> {
    pub(super) shared: &'a Shared,
    pub(super) suite: &'a PlannedSuite,
    pub(super) planned: PlannedCase,
    pub(super) scope: Scope,
    pub(super) state: Arc<State>,
    pub(super) next_step: u32,
    pub(super) deadline: Option<Deadline>,
    /// What ends the steps of this phase.
    pub(super) stop: &'a CancellationToken,
    pub(super) phase: Phase,
    pub(super) verdict: Verdict,
    /// The names captured so far, in order: what a block gives is among the last of them.
    pub(super) captured: Vec<String>,
    /// Whether any step was carried out.
    pub(super) active: bool,
}

/// Carries a unit out, all its attempts.
pub(crate) async fn run(shared: &Shared, unit: u32) -> Verdict {
    let at = shared.plan.units[unit as usize];
    let suite = &shared.plan.suites[at.suite as usize];
    let planned = shared.plan.describe(CaseIndex(unit), at);
    let id = planned.id.clone();
    let retries = at.case().map_or(0, |case| match suite.case(case).retries {
        0 => shared.plan.options.retries.unwrap_or(0),
        own => own,
    });
    let mut attempt = 1;
    loop {
        let began = Instant::now();
        let mut case = CaseRun::new(shared, suite, planned.clone(), attempt);
        case.start(attempt);
        case.carry_out(at.role).await;
        case.state.close().await;
        let mut verdict = case.verdict;
        let again = matches!(verdict.status, Status::Failed | Status::Errored | Status::TimedOut)
            && attempt <= retries
            && !shared.cancel.is_cancelled()
            && !shared.deadline.is_some_and(|deadline| deadline.is_over());
        verdict.flaky = verdict.status == Status::Passed && attempt > 1;
        verdict.id.clone_from(&id);
        if at.role == Role::Setup {
            // Teardown of the template sees them too; nothing reads them before setup has ended.
            let _ = shared.suites[at.suite as usize].vars.set(case.scope.vars);
        }
        finish(shared, planned.index, &verdict, began, again);
        if !again {
            return verdict;
        }
        attempt += 1;
    }
}

/// Reports a unit that is not carried out.
pub(crate) fn pass(shared: &Shared, unit: u32, mut verdict: Verdict) -> Verdict {
    let at = shared.plan.units[unit as usize];
    let suite = &shared.plan.suites[at.suite as usize];
    let planned = shared.plan.describe(CaseIndex(unit), at);
    verdict.id.clone_from(&planned.id);
    let index = planned.index;
    CaseRun::new(shared, suite, planned, 1).start(1);
    finish(shared, index, &verdict, Instant::now(), false);
    verdict
}

fn finish(shared: &Shared, case: CaseIndex, verdict: &Verdict, began: Instant, again: bool) {
    shared.emitter.emit(EventBody::CaseFinished(Box::new(CaseFinished {
        case,
        status: verdict.status,
        duration_us: super::step::micros(began),
        reason: verdict.reason.clone(),
        will_retry: again,
        flaky: verdict.flaky,
    })));
}

impl<'a> CaseRun<'a> {
    fn new(
        shared: &'a Shared,
        suite: &'a PlannedSuite,
        planned: PlannedCase,
        attempt: u32,
    ) -> Self {
        let progress = &shared.suites[planned.suite as usize];
        let scope = Scope {
            vars: progress.vars.get().cloned().unwrap_or_default(),
            matrix: Arc::new(planned.matrix.clone()),
            case: Arc::new(json!({
                "id": planned.id, "name": planned.name, "tags": planned.tags, "attempt": attempt,
            })),
            run: Arc::clone(&shared.run),
            ..suite.scope()
        };
        Self {
            shared,
            suite,
            planned,
            scope,
            state: Arc::default(),
            next_step: 0,
            deadline: None,
            stop: shared.cancel.stop(),
            phase: Phase::Steps,
            verdict: Verdict::passed(),
            captured: Vec::new(),
            active: false,
        }
    }

    fn start(&self, attempt: u32) {
        self.shared.emitter.emit(EventBody::CaseStarted(Box::new(self.planned.started(attempt))));
    }

    async fn carry_out(&mut self, role: Role) {
        let template = &self.suite.suite.template;
        let progress = &self.shared.suites[self.planned.suite as usize];
        let outer = Deadline::sooner(self.shared.deadline, progress.deadline(template.timeout));
        match role {
            Role::Setup => {
                self.deadline = outer;
                self.run_phase(&template.setup, Phase::Setup).await;
            }
            Role::Teardown => {
                self.stop = self.shared.cancel.killed();
                self.run_phase(&template.teardown, Phase::Teardown).await;
            }
            Role::Case { case, .. } => {
                let case = self.suite.case(case);
                if !self.wanted(case) {
                    return;
                }
                self.deadline = Deadline::sooner(outer, own_time(case.timeout));
                self.run_phase(&case.setup, Phase::Setup).await;
                if self.verdict.status == Status::Passed {
                    self.run_phase(&case.steps, Phase::Steps).await;
                }
                let undisturbed = self.verdict.status == Status::Passed;
                self.stop = self.shared.cancel.killed();
                self.deadline = own_time(case.timeout);
                self.run_phase(&case.teardown, Phase::Teardown).await;
                if undisturbed && self.verdict.status == Status::Passed && !self.active {
                    self.verdict = Verdict::skipped("the `if` of every step was false".to_owned());
                }
            }
        }
    }

    /// Whether the case's `if` lets it run; settles the verdict when not.
    fn wanted(&mut self, case: &aei_core::template::Case) -> bool {
        let Some(condition) = &case.condition else { return true };
        let value = self.suite.evaluator.is_true(&condition.value, condition.span, &self.scope);
        match value {
            Ok(true) => return true,
            Ok(false) => {
                let reason = format!("`if: {}` is false", condition.value);
                self.verdict = Verdict::skipped(reason);
            }
            Err(error) => {
                let place = self.suite.location(error.span);
                let place = place.map_or_else(String::new, |place| format!(" ({place})"));
                let reason = format!("cannot evaluate `if`: {}{place}", error.message);
                self.verdict = Verdict::new(Status::Errored, reason);
            }
        }
        false
    }

    async fn run_phase(&mut self, steps: &'a [Step], phase: Phase) {
        self.phase = phase;
        self.run_steps(steps, "").await;
    }
}

fn own_time(timeout: Option<Period>) -> Option<Deadline> {
    Deadline::after(Instant::now(), timeout?.0, "case")
}

impl CaseRun<'_> {
    pub(super) fn keep(&mut self, id: Option<&str>, outcome: Value) {
        if let Some(id) = id {
            self.scope.steps.insert(id.to_owned(), outcome);
        }
    }

    pub(super) fn capture(&mut self, captured: &Map<String, Value>) {
        for (name, value) in captured {
            self.scope.vars.insert(name.clone(), value.clone());
            self.captured.push(name.clone());
        }
    }
}
