use std::collections::BTreeSet;
use std::path::Path;

use aei_core::event::{
    CaseIndex, CaseStarted, Event, EventBody, RunFinished, RunId, StepIndex, StepStarted,
};
use chrono::{DateTime, Utc};

use super::reader::index;
use super::recorder::{CASES, Recorder};
use super::spool::Spool;
use super::{FolderError, RunFolder};

/// A run whose process died, as far as its folder and its events tell.
///
/// Made for folders [without a journal](RunFolder::without_journal), whose events are kept by
/// somebody else.
pub struct CutOffRun {
    pub(crate) folder: RunFolder,
    /// Cases that began and did not end, in the order of the plan.
    pub(crate) open: Vec<OpenCase>,
    /// All cases that began.
    pub(crate) reached: BTreeSet<CaseIndex>,
    /// How many cases the plan had.
    pub(crate) planned: u32,
    /// When its last event happened.
    pub(crate) last: DateTime<Utc>,
    finished: Option<RunFinished>,
}

/// A case that began and did not end.
#[derive(Debug)]
pub(crate) struct OpenCase {
    pub(crate) case: CaseIndex,
    pub(crate) began: DateTime<Utc>,
    /// Its steps that began and did not end.
    pub(crate) steps: Vec<(StepIndex, DateTime<Utc>)>,
}

impl CutOffRun {
    /// Opens the folder. `events` are those that are kept of the run: its first, and all of every
    /// case that has not ended; those of other cases may be missing or there.
    ///
    /// # Errors
    /// When the folder cannot be read or written further, or there is no `run_started`: then
    /// nothing has run.
    pub fn open(
        path: &Path,
        run_id: RunId,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<Self, FolderError> {
        let wrong = |source| FolderError::Write { path: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(wrong)?;
        let cases = path.join(CASES);
        let (ended, places) =
            if cases.exists() { index(&cases).map_err(wrong)? } else { Default::default() };
        let end = places.last().map_or(0, |last| last.offset + u64::from(last.length) + 1);
        let mut recorder = Recorder::resume(Spool::extend(&cases, end).map_err(wrong)?);
        let mut reached: BTreeSet<CaseIndex> = ended.iter().copied().collect();
        let mut open: Vec<OpenCase> = Vec::new();
        let mut finished = None;
        for event in events {
            match &event.event {
                EventBody::RunFinished(last) => finished = Some((**last).clone()),
                body => {
                    if let Some(case) = body.case().filter(|case| !ended.contains(case)) {
                        reached.insert(case);
                        follow(&mut open, case, &event);
                    }
                }
            }
            if event.event.case().is_none_or(|case| !ended.contains(&case)) {
                recorder.fold(&event);
            }
        }
        let Some(planned) = recorder.head.as_ref().map(|head| head.summary.total) else {
            return Err(FolderError::Empty { path: path.to_owned() });
        };
        let last = recorder.last.unwrap_or_default();
        recorder.take_over(places).map_err(wrong)?;
        open.sort_by_key(|open| open.case);
        let folder = RunFolder::resumed(path.to_owned(), run_id, recorder);
        Ok(Self { folder, open, reached, planned, last, finished })
    }

    /// The last event, if the run came to its end before its process did.
    pub const fn finished(&self) -> Option<&RunFinished> {
        self.finished.as_ref()
    }
}

/// Keeps count of what is open.
fn follow(open: &mut Vec<OpenCase>, case: CaseIndex, event: &Event) {
    let place = open.iter().position(|open| open.case == case);
    match (&event.event, place) {
        (EventBody::CaseStarted(started), None) => {
            let CaseStarted { case, .. } = **started;
            open.push(OpenCase { case, began: event.at, steps: Vec::new() });
        }
        (EventBody::CaseStarted(_), Some(place)) => {
            let began = event.at;
            open[place] = OpenCase { case, began, steps: Vec::new() };
        }
        (EventBody::StepStarted(started), Some(place)) => {
            let StepStarted { step, .. } = **started;
            open[place].steps.push((step, event.at));
        }
        (EventBody::StepFinished(finished), Some(place)) => {
            open[place].steps.retain(|(step, _)| *step != finished.step);
        }
        (EventBody::CaseFinished(finished), Some(place)) if finished.will_retry => {
            open[place].steps.clear();
        }
        (EventBody::CaseFinished(_), Some(place)) => {
            open.swap_remove(place);
        }
        _ => {}
    }
}
