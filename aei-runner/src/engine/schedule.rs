use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aei_core::event::{Status, Summary};
use tokio::sync::Notify;

use super::CancelToken;
use super::verdict::Verdict;
use crate::plan::{Plan, Role};

/// Decides what starts next.
///
/// Units start in the order of the plan. One that must wait is parked with what it waits for and
/// comes back in its old place; so the order of starts depends on the plan and on how things end,
/// never on the mood of a lock.
pub(crate) struct Schedule {
    plan: Arc<Plan>,
    cancel: CancelToken,
    state: Mutex<State>,
    /// Wakes slots that found nothing ready.
    changed: Notify,
}

/// What a slot is to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Carry a unit out; the resources it holds are given back when it is finished.
    Run { unit: u32, locks: Vec<String> },
    /// Report a unit as not run.
    Pass { unit: u32, verdict: Verdict },
}

/// Place in the starting order, then unit: what sorts what is ready.
type Waiting = (u32, u32);

struct State {
    cursor: usize,
    ready: BinaryHeap<Reverse<Waiting>>,
    suites: Vec<SuiteState>,
    /// Cases that others need, by suite and place.
    needed: HashMap<(u32, u32), Needed>,
    locks: HashMap<String, Vec<Waiting>>,
    outstanding: usize,
    /// Why nothing more starts, after `--fail-fast`.
    stopped: Option<String>,
    summary: Summary,
}

struct SuiteState {
    gate: Gate,
    parked: Vec<Waiting>,
    cases_left: u32,
    teardown: Option<u32>,
}

enum Gate {
    Waiting,
    Open,
    Shut(String),
}

struct Needed {
    left: u32,
    /// Why those that need it cannot run.
    bad: Option<String>,
    parked: Vec<Waiting>,
}

impl Schedule {
    pub(crate) fn new(plan: Arc<Plan>, cancel: CancelToken) -> Self {
        let mut suites: Vec<SuiteState> = (plan.suites.iter())
            .map(|suite| SuiteState {
                gate: Gate::Open,
                parked: Vec::new(),
                cases_left: suite.planned,
                teardown: None,
            })
            .collect();
        let mut needed: HashMap<(u32, u32), Needed> = HashMap::new();
        for (index, suite) in (0..).zip(&plan.suites) {
            for &case in suite.needs.values().flatten() {
                let none = Needed { left: 0, bad: None, parked: Vec::new() };
                needed.insert((index, case), none);
            }
        }
        for (place, unit) in (0..).zip(&plan.units) {
            let suite = &mut suites[unit.suite as usize];
            match unit.role {
                Role::Setup => suite.gate = Gate::Waiting,
                Role::Teardown => suite.teardown = Some(place),
                Role::Case { case, .. } => {
                    if let Some(needed) = needed.get_mut(&(unit.suite, case)) {
                        needed.left += 1;
                    }
                }
            }
        }
        let total = u32::try_from(plan.len()).unwrap_or(u32::MAX);
        let state = State {
            cursor: 0,
            ready: BinaryHeap::new(),
            suites,
            needed,
            locks: HashMap::new(),
            outstanding: plan.units.len(),
            stopped: None,
            summary: Summary { total, ..Summary::default() },
        };
        Self { plan, cancel, state: Mutex::new(state), changed: Notify::new() }
    }

    /// The next task; waits until there is one. `None` when all units have ended.
    pub(crate) async fn next(&self) -> Option<Task> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that a change in between is not missed.
            changed.as_mut().enable();
            {
                let mut state = self.lock();
                if let Some(task) = self.take(&mut state) {
                    return Some(task);
                }
                if state.outstanding == 0 {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// Notes how a unit ended, and lets go what waited for it.
    pub(crate) fn finish(&self, unit: u32, locks: &[String], verdict: &Verdict) {
        let mut state = self.lock();
        let at = self.plan.units[unit as usize];
        let is_case = at.case().is_some();
        if is_case || verdict.status.is_bad() {
            state.summary.total += u32::from(!is_case);
            state.summary.count(verdict.status, verdict.flaky);
        }
        for name in locks {
            let parked = state.locks.remove(name).unwrap_or_default();
            state.ready.extend(parked.into_iter().map(Reverse));
        }
        match at.role {
            Role::Setup => state.open(at.suite, verdict),
            Role::Case { case, .. } => state.case_ended(at.suite, case, verdict),
            Role::Teardown => {}
        }
        if self.plan.options.fail_fast && verdict.status.is_bad() && state.stopped.is_none() {
            let id = self.plan.describe(aei_core::event::CaseIndex(unit), at).id;
            state.stopped =
                Some(format!("not started, since `{id}` {} (fail fast)", verdict.verb()));
        }
        state.outstanding -= 1;
        drop(state);
        self.changed.notify_waiters();
    }

    /// How many ended how, so far.
    pub(crate) fn summary(&self) -> Summary {
        self.lock().summary
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, state: &mut State) -> Option<Task> {
        while let Some(waiting) = state.pop(&self.plan.order) {
            if let Some(task) = self.classify(state, waiting) {
                return Some(task);
            }
        }
        None
    }

    /// What to do with a unit whose turn it is; `None` when it was parked.
    fn classify(&self, state: &mut State, waiting: Waiting) -> Option<Task> {
        let unit = waiting.1;
        let at = self.plan.units[unit as usize];
        let Role::Case { case, combination } = at.role else {
            return Some(match at.role {
                Role::Setup if self.cancel.is_cancelled() => {
                    Task::Pass { unit, verdict: Verdict::cancelled() }
                }
                _ => Task::Run { unit, locks: Vec::new() },
            });
        };
        if self.cancel.is_cancelled() {
            return Some(Task::Pass { unit, verdict: Verdict::cancelled() });
        }
        if let Some(reason) = &state.stopped {
            return Some(Task::Pass { unit, verdict: Verdict::skipped(reason.clone()) });
        }
        let suite = &mut state.suites[at.suite as usize];
        match &suite.gate {
            Gate::Open => {}
            Gate::Waiting => {
                suite.parked.push(waiting);
                return None;
            }
            Gate::Shut(reason) => {
                return Some(Task::Pass { unit, verdict: Verdict::skipped(reason.clone()) });
            }
        }
        let planned = &self.plan.suites[at.suite as usize];
        for need in planned.needs.get(&case).into_iter().flatten() {
            let Some(needed) = state.needed.get_mut(&(at.suite, *need)) else { continue };
            if needed.left > 0 {
                needed.parked.push(waiting);
                return None;
            }
            if let Some(reason) = &needed.bad {
                return Some(Task::Pass { unit, verdict: Verdict::skipped(reason.clone()) });
            }
        }
        if let Some(reason) = planned.unmet(case, &self.plan.options.node) {
            return Some(Task::Pass { unit, verdict: Verdict::skipped(reason) });
        }
        let locks = match planned.resources(case, combination) {
            Ok(locks) => locks,
            Err(error) => {
                let verdict = Verdict::new(Status::Errored, error.message);
                return Some(Task::Pass { unit, verdict });
            }
        };
        if let Some(busy) = locks.iter().find(|name| state.locks.contains_key(*name)) {
            state.locks.entry(busy.clone()).or_default().push(waiting);
            return None;
        }
        state.locks.extend(locks.iter().map(|name| (name.clone(), Vec::new())));
        Some(Task::Run { unit, locks })
    }
}

impl State {
    fn pop(&mut self, order: &[u32]) -> Option<Waiting> {
        let place = u32::try_from(self.cursor).unwrap_or(u32::MAX);
        if self.ready.peek().is_some_and(|Reverse((at, _))| *at < place)
            || self.cursor >= order.len()
        {
            return self.ready.pop().map(|Reverse(waiting)| waiting);
        }
        self.cursor += 1;
        Some((place, order[self.cursor - 1]))
    }

    fn open(&mut self, suite: u32, setup: &Verdict) {
        let suite = &mut self.suites[suite as usize];
        suite.gate = match setup.status {
            Status::Passed | Status::Skipped => Gate::Open,
            _ => Gate::Shut(format!("not started, since the template's setup {}", setup.verb())),
        };
        self.ready.extend(suite.parked.drain(..).map(Reverse));
    }

    fn case_ended(&mut self, index: u32, case: u32, verdict: &Verdict) {
        if let Some(needed) = self.needed.get_mut(&(index, case)) {
            needed.left -= 1;
            if verdict.status != Status::Passed && needed.bad.is_none() {
                needed.bad = Some(format!("needs `{}`, which {}", verdict.id, verdict.verb()));
            }
            if needed.left == 0 {
                self.ready.extend(needed.parked.drain(..).map(Reverse));
            }
        }
        let suite = &mut self.suites[index as usize];
        suite.cases_left -= 1;
        if suite.cases_left == 0
            && let Some(teardown) = suite.teardown
        {
            self.ready.push(Reverse((0, teardown)));
        }
    }
}
