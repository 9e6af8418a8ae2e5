use std::sync::Arc;
use std::time::Instant;

use aei_core::event::{CaseFinished, CaseIndex, CaseStarted, EventBody, Phase, Status};
use aei_core::expr::Scope;
use aei_core::runner::State;
use aei_core::template::{Period, Step};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::close::close;
use super::shared::{Deadline, Shared};
use super::verdict::Verdict;
use crate::plan::{PlannedCase, PlannedSuite, Role, Unit};

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
    let outer = outer(shared, suite, at);
    if let Some(outer) = outer.filter(|outer| at.role != Role::Setup && outer.is_over()) {
        return pass(shared, unit, Verdict::new(Status::TimedOut, outer.reason()));
    }
    let retries = at.case().map_or(0, |case| match suite.case(case).retries {
        0 => shared.plan.options.retries.unwrap_or(0),
        own => own,
    });
    let mut attempt = 1;
    loop {
        let began = Instant::now();
        let mut case = CaseRun::new(shared, suite, planned.clone(), attempt);
        case.start(attempt);
        case.carry_out(at.role, outer).await;
        if let Err(reason) = close(&case.state, shared.cancel.killed()).await {
            case.verdict.add(Status::Errored, Some(reason));
        }
        let mut verdict = case.verdict;
        let again = matches!(verdict.status, Status::Failed | Status::Errored | Status::TimedOut)
            && attempt <= retries
            && !shared.cancel.is_cancelled()
            && !outer.is_some_and(|outer| outer.is_over());
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

/// The time that the run and the template leave to a unit; teardown is not bound by it.
fn outer(shared: &Shared, suite: &PlannedSuite, at: Unit) -> Option<Deadline> {
    if at.role == Role::Teardown {
        return None;
    }
    let progress = &shared.suites[at.suite as usize];
    Deadline::sooner(shared.deadline, progress.deadline(suite.suite.template.timeout))
}

/// Reports a unit that broke the engine itself: the others go on.
pub(crate) fn broken(shared: &Shared, unit: u32, began: Instant, text: &str) -> Verdict {
    let at = shared.plan.units[unit as usize];
    let planned = shared.plan.describe(CaseIndex(unit), at);
    let reason = format!("the engine panicked: {text}; this is a defect, please report it");
    let verdict = Verdict { id: planned.id, ..Verdict::new(Status::Errored, reason) };
    finish(shared, planned.index, &verdict, began, false);
    verdict
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
        let planned = &self.planned;
        self.shared.emitter.emit(EventBody::CaseStarted(Box::new(CaseStarted {
            case: planned.index,
            suite: planned.suite,
            id: planned.id.clone(),
            name: planned.name.clone(),
            role: planned.role,
            tags: planned.tags.clone(),
            matrix: planned.matrix.clone(),
            attempt,
            location: planned.location.clone(),
        })));
    }

    async fn carry_out(&mut self, role: Role, outer: Option<Deadline>) {
        let template = &self.suite.suite.template;
        match role {
            Role::Setup => {
                self.deadline = outer;
                self.run_phase(&template.setup, Phase::Setup).await;
            }
            Role::Teardown => {
                self.stop = self.shared.cancel.killed();
                self.deadline = self.teardown_time();
                self.run_phase(&template.teardown, Phase::Teardown).await;
            }
            Role::Case { case, .. } => {
                let case = self.suite.case(case);
                if !self.wanted(case) {
                    return;
                }
                let longest = Deadline::of_policy(self.suite.guard.limits().case, "case");
                self.deadline =
                    Deadline::sooner(outer, Deadline::sooner(own_time(case.timeout), longest));
                self.run_phase(&case.setup, Phase::Setup).await;
                if self.verdict.status == Status::Passed {
                    self.run_phase(&case.steps, Phase::Steps).await;
                }
                let undisturbed = self.verdict.status == Status::Passed;
                self.stop = self.shared.cancel.killed();
                self.deadline = Deadline::sooner(own_time(case.timeout), self.teardown_time());
                self.run_phase(&case.teardown, Phase::Teardown).await;
                if undisturbed && self.verdict.status == Status::Passed && !self.active {
                    self.verdict = Verdict::skipped("the `if` of every step was false".to_owned());
                }
            }
        }
    }

    /// What the node's policy leaves a teardown, which no earlier deadline may cut short.
    fn teardown_time(&self) -> Option<Deadline> {
        let limits = self.suite.guard.limits();
        Deadline::sooner(
            Deadline::of_policy(limits.case, "case"),
            Deadline::of_policy(limits.run, "run"),
        )
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
    pub(super) fn keep(&mut self, id: &str, outcome: Value) {
        self.scope.steps.insert(id.to_owned(), outcome);
    }

    pub(super) fn capture(&mut self, captured: &Map<String, Value>) {
        for (name, value) in captured {
            self.scope.vars.insert(name.clone(), value.clone());
            self.captured.push(name.clone());
        }
    }
}
