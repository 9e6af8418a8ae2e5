use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use aei_core::event::Emitter;
use aei_core::policy::Limit;
use aei_core::redact::Redactor;
use aei_core::runner::{Registry, State};
use aei_core::template::Period;
use serde_json::{Map, Value};

use super::CancelToken;
use super::schedule::Schedule;
use crate::plan::Plan;

/// What all slots of a run share.
pub(crate) struct Shared {
    pub(crate) plan: Arc<Plan>,
    pub(crate) registry: Registry,
    pub(crate) emitter: Arc<Emitter>,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) cancel: CancelToken,
    pub(crate) schedule: Schedule,
    /// `run` in expressions.
    pub(crate) run: Arc<Value>,
    pub(crate) run_state: Arc<State>,
    /// Where artifacts go; without it, runners are told that there is no place.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) deadline: Option<Deadline>,
    pub(crate) suites: Vec<SuiteProgress>,
}

/// What the units of one suite hand on to each other.
#[derive(Default)]
pub(crate) struct SuiteProgress {
    /// What the template's setup captured.
    pub(crate) vars: OnceLock<Map<String, Value>>,
    began: OnceLock<Instant>,
}

impl SuiteProgress {
    /// When the template's time is over, counted from its first unit.
    pub(crate) fn deadline(&self, timeout: Option<Period>) -> Option<Deadline> {
        let limit = timeout?.0;
        Deadline::after(*self.began.get_or_init(Instant::now), limit, "template")
    }
}

/// A point in time after which nothing more is waited for, and whose limit it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    limit: Duration,
    of: &'static str,
    /// The line of the node's policy that sets the limit, if that does.
    line: Option<u32>,
}

impl Deadline {
    /// `None` when the limit is too far away for the clock.
    pub(crate) fn after(start: Instant, limit: Duration, of: &'static str) -> Option<Self> {
        start.checked_add(limit).map(|at| Self { at, limit, of, line: None })
    }

    /// What the node's policy allows, from now on.
    pub(crate) fn of_policy(limit: Option<Limit>, of: &'static str) -> Option<Self> {
        let Limit { time, line } = limit?;
        Some(Self { line: Some(line), ..Self::after(Instant::now(), time, of)? })
    }

    /// The nearer of two.
    pub(crate) fn sooner(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if b.at < a.at { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    /// Whether it is over.
    pub(crate) fn is_over(&self) -> bool {
        self.at <= Instant::now()
    }

    /// What to tell people.
    pub(crate) fn reason(&self) -> String {
        let (limit, of) = (Period(self.limit), self.of);
        match self.line {
            None => format!("not done within {limit}, the timeout of the {of}"),
            Some(line) => format!(
                "not done within {limit}, the longest time of a {of} by the node's policy \
                 (line {line}: time.{of})"
            ),
        }
    }
}
