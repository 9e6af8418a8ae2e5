use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use aei_core::event::{CaseIndex, CaseRole, Event, EventBody, Sink, Status};
use aei_core::report::{CaseFold, CaseReport};
use libtest_mimic::{Completion, Failed};

use super::failure::text;

/// A case: its template's file and its id.
pub(super) type CaseName = (String, String);

/// What has come of the cases so far.
#[derive(Default)]
pub(super) struct Results {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    files: Vec<String>,
    running: HashMap<CaseIndex, CaseFold>,
    ended: HashMap<CaseName, CaseReport>,
    /// Setups and teardowns that did not pass.
    troubles: Vec<(String, CaseReport)>,
    over: bool,
    error: Option<String>,
}

impl Results {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the events of the run.
    pub(super) fn sink(self: &Arc<Self>) -> Box<dyn Sink> {
        let results = Arc::clone(self);
        Box::new(move |event: &Event| {
            if results.state().apply(event) {
                results.changed.notify_all();
            }
        })
    }

    /// The run has ended, or never began.
    pub(super) fn over(&self, error: Option<String>) {
        let mut state = self.state();
        state.over = true;
        state.error = error;
        self.changed.notify_all();
    }

    /// Waits until a case has ended, and says how.
    pub(super) fn wait_for(&self, case: &CaseName) -> Result<Completion, Failed> {
        let waiting = |state: &mut State| !state.over && !state.ended.contains_key(case);
        let state = self.changed.wait_while(self.state(), waiting);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        match (state.ended.get(case), &state.error) {
            (Some(report), _) => state.verdict(&case.0, report),
            (None, Some(error)) => Err(error.into()),
            (None, None) => Err("the run ended before this case began".into()),
        }
    }

    /// What went wrong outside of any case.
    pub(super) fn troubles(&self) -> Vec<String> {
        self.state().troubles.iter().map(|(file, report)| text(file, report)).collect()
    }
}

impl State {
    /// Whether a case has ended by it.
    fn apply(&mut self, event: &Event) -> bool {
        if let EventBody::RunStarted(started) = &event.event {
            self.files = started.suites.iter().map(|suite| suite.file.clone()).collect();
        }
        let Some(case) = event.event.case() else { return false };
        if let EventBody::CaseStarted(started) = &event.event {
            self.running.entry(case).or_insert_with(|| CaseFold::new(started, event.at));
        }
        let Some(fold) = self.running.get_mut(&case) else { return false };
        fold.apply(event);
        if !fold.is_finished() {
            return false;
        }
        if let Some(report) = self.running.remove(&case).map(CaseFold::into_report) {
            self.end(report);
        }
        true
    }

    fn end(&mut self, report: CaseReport) {
        let file = self.files.get(report.suite as usize).cloned().unwrap_or_default();
        if report.role == CaseRole::Case {
            self.ended.insert((file, report.id.clone()), report);
        } else if report.status.is_bad() {
            self.troubles.push((file, report));
        }
    }

    fn verdict(&self, file: &str, report: &CaseReport) -> Result<Completion, Failed> {
        let setup = self.troubles.iter().find(|(of, trouble)| {
            of == file && trouble.role == CaseRole::Setup && report.status == Status::Skipped
        });
        match report.status {
            _ if setup.is_some() => {
                Err(setup.map(|(of, t)| text(of, t)).unwrap_or_default().into())
            }
            Status::Passed => Ok(Completion::Completed),
            Status::Skipped => Ok(Completion::Ignored { reason: report.reason.clone() }),
            _ => Err(text(file, report).into()),
        }
    }
}
