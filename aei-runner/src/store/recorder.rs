use std::collections::HashMap;
use std::io;
use std::path::Path;

use aei_core::event::{CaseIndex, Event, EventBody};
use aei_core::report::{CaseFold, CaseReport, ReportHead};
use chrono::{DateTime, Utc};

use super::spool::Spool;

/// Writes the journal and the reports of cases as they end.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    /// Missing where somebody else keeps the events.
    journal: Option<Spool>,
    pub(super) cases: Spool,
    pub(super) head: Option<ReportHead>,
    /// Where the report of each case is, in the order in which they ended.
    pub(super) places: Vec<Place>,
    pub(super) open: HashMap<CaseIndex, CaseFold>,
    pub(super) last: Option<DateTime<Utc>>,
}

/// Where the report of a case is in the spool. Small: there is one for each case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) case: CaseIndex,
    pub(super) length: u32,
    pub(super) offset: u64,
}

/// The names of the files in a run's folder.
pub(super) const JOURNAL: &str = "events.ndjson";
pub(super) const CASES: &str = "cases.ndjson";

impl Recorder {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            journal: Some(Spool::create(&folder.join(JOURNAL))?),
            ..Self::without_journal(folder)?
        })
    }

    /// Keeps the reports of cases only.
    pub(super) fn without_journal(folder: &Path) -> io::Result<Self> {
        Ok(Self { cases: Spool::create(&folder.join(CASES))?, ..Self::default() })
    }

    /// Goes on from the cases that a run of before has kept.
    pub(super) fn resume(cases: Spool) -> Self {
        Self { cases, ..Self::default() }
    }

    /// Takes over what is in the file of cases already, after the events of all others.
    pub(super) fn take_over(&mut self, places: Vec<Place>) -> io::Result<()> {
        let mut read = Vec::new();
        for place in places {
            self.cases.read(place.offset..place.offset + u64::from(place.length), &mut read)?;
            if let Ok(report) = serde_json::from_slice::<CaseReport>(&read)
                && let Some(head) = &mut self.head
            {
                let whole = head.summary;
                head.count(&report);
                if head.complete {
                    head.summary = whole;
                }
            }
            self.places.push(place);
        }
        Ok(())
    }

    /// Takes an event: into the journal first.
    pub(super) fn record(&mut self, event: &Event) {
        if let Some(journal) = &mut self.journal {
            let before = journal.tail().len();
            if serde_json::to_writer(journal.tail(), event).is_ok() {
                journal.tail().push(b'\n');
            } else {
                journal.tail().truncate(before);
            }
            journal.settle();
            if journal.error().is_some() {
                journal.give_up();
            }
        }
        self.fold(event);
    }

    /// Takes an event that is in the journal already.
    pub(super) fn fold(&mut self, event: &Event) {
        self.last = Some(event.at);
        match &event.event {
            EventBody::RunStarted(started) => self.head = Some(ReportHead::new(started, event)),
            EventBody::RunFinished(finished) => {
                if let Some(head) = &mut self.head {
                    head.finish(finished);
                }
            }
            body => {
                let Some(case) = body.case() else { return };
                self.fold_case(case, event);
            }
        }
    }

    fn fold_case(&mut self, case: CaseIndex, event: &Event) {
        match (self.open.get_mut(&case), &event.event) {
            (Some(fold), _) => fold.apply(event),
            (None, EventBody::CaseStarted(started)) => {
                self.open.insert(case, CaseFold::new(started, event.at));
            }
            (None, _) => {}
        }
        if self.open.get(&case).is_some_and(CaseFold::is_finished)
            && let Some(fold) = self.open.remove(&case)
        {
            self.keep(&fold.into_report());
        }
    }

    fn keep(&mut self, report: &CaseReport) {
        if let Some(head) = &mut self.head {
            head.count(report);
        }
        let offset = self.cases.end();
        if serde_json::to_writer(self.cases.tail(), report).is_err() {
            return;
        }
        let length = u32::try_from(self.cases.end() - offset).unwrap_or(u32::MAX);
        self.cases.tail().push(b'\n');
        self.places.push(Place { case: report.case, length, offset });
        self.cases.settle();
    }

    /// Closes what a cut-off journal leaves open.
    pub(super) fn close(&mut self) {
        for (_, fold) in std::mem::take(&mut self.open) {
            self.keep(&fold.into_report());
        }
        if let Some(head) = &mut self.head
            && !head.complete
            && let Some(last) = self.last
        {
            head.cut_off(last);
        }
        self.places.sort_unstable_by_key(|place| place.case);
    }

    /// Hands to the disk what is still in memory.
    pub(super) fn flush(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.flush();
        }
        self.cases.flush();
    }

    /// What kept results from the disk.
    pub(super) fn error(&self) -> Option<&str> {
        self.journal.as_ref().and_then(Spool::error).or_else(|| self.cases.error())
    }
}
