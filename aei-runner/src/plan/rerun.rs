use std::collections::BTreeSet;

use aei_core::event::{CaseRole, Status};
use aei_core::report::{CaseSource, ReadError};

/// What of an earlier run is to be run again. Cases are named by their template's file and their
/// id, as a report tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rerun {
    /// These cases only.
    Only(BTreeSet<(String, String)>),
    /// All but these.
    AllBut(BTreeSet<(String, String)>),
}

impl Rerun {
    /// What did not pass in a run, a case skipped because of another one included.
    ///
    /// Of a run that was cut off, that is everything but what passed: cases that never began are
    /// not in its report. `None` when nothing went wrong.
    ///
    /// # Errors
    /// The report cannot be read.
    pub fn of(report: &mut dyn CaseSource) -> Result<Option<Self>, ReadError> {
        let head = report.head();
        let complete = head.complete;
        let files: Vec<String> = head.suites.iter().map(|suite| suite.file.clone()).collect();
        let (mut passed, mut others) = (BTreeSet::new(), BTreeSet::new());
        let mut all_well = true;
        report.each_case(&mut |case| {
            all_well &= matches!(case.status, Status::Passed | Status::Skipped);
            let into = if case.status == Status::Passed { &mut passed } else { &mut others };
            // One of the two is not needed, and there may be a million.
            if case.role == CaseRole::Case
                && complete == (case.status != Status::Passed)
                && let Some(file) = files.get(case.suite as usize)
            {
                into.insert((plain(file).to_owned(), case.id.clone()));
            }
            Ok(())
        })?;
        Ok(match complete {
            true if all_well => None,
            true => Some(Self::Only(others)),
            false => Some(Self::AllBut(passed)),
        })
    }

    /// Whether it names no case that could be run.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Only(cases) if cases.is_empty())
    }

    pub(crate) fn wants(&self, file: &str, id: String) -> bool {
        let case = (plain(file).to_owned(), id);
        match self {
            Self::Only(cases) => cases.contains(&case),
            Self::AllBut(cases) => !cases.contains(&case),
        }
    }
}

/// `./tests/a.aei.yaml` is `tests/a.aei.yaml`.
fn plain(mut file: &str) -> &str {
    while let Some(rest) = file.strip_prefix("./") {
        file = rest.trim_start_matches('/');
    }
    file
}
