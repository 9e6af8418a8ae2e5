use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{CaseSource, ReadError, format::reasons};
use crate::event::{CaseRole, Status};

/// What counts as slower.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slower {
    /// By this factor at least …
    pub factor: f64,
    /// … and by this many microseconds.
    pub at_least_us: u64,
}

impl Default for Slower {
    fn default() -> Self {
        Self { factor: 1.5, at_least_us: 100_000 }
    }
}

/// What changed from one report to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Passed (or did not run) before, and is bad now.
    pub newly_failing: Vec<Change>,
    /// Was bad before, and passes now.
    pub fixed: Vec<Change>,
    /// Was and is bad.
    pub still_failing: Vec<Change>,
    /// Passes as before, but takes much longer.
    pub slower: Vec<Change>,
    /// Is in the second report only.
    pub added: Vec<Change>,
    /// Is in the first report only.
    pub removed: Vec<Change>,
}

/// A case in two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The file of its template.
    pub file: String,
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// How it ended in the first report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Ending>,
    /// How it ended in the second report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Ending>,
    /// Why it is bad now, as a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// How.
    pub status: Status,
    /// How long it took, in microseconds.
    pub duration_us: u64,
}

impl Difference {
    /// Whether a case is worse than before: newly failing, or added and bad.
    pub fn is_worse(&self) -> bool {
        let bad = |change: &Change| change.after.is_some_and(|ending| ending.status.is_bad());
        !self.newly_failing.is_empty() || self.added.iter().any(bad)
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.lists().iter().all(|(_, list)| list.is_empty())
    }

    fn lists(&self) -> [(&'static str, &[Change]); 6] {
        [
            ("newly failing", &self.newly_failing),
            ("fixed", &self.fixed),
            ("still failing", &self.still_failing),
            ("slower", &self.slower),
            ("added", &self.added),
            ("removed", &self.removed),
        ]
    }
}

type Known = BTreeMap<(String, String), (String, Ending)>;

/// Compares two reports, case by case: the same file and id are the same case.
pub fn diff(
    before: &mut dyn CaseSource,
    after: &mut dyn CaseSource,
    slower: Slower,
) -> Result<Difference, ReadError> {
    let mut known = Known::new();
    let files = files(before);
    before.each_case(&mut |case| {
        if case.role == CaseRole::Case || case.status.is_bad() {
            let file = files.get(case.suite as usize).cloned().unwrap_or_default();
            let ending = Ending { status: case.status, duration_us: case.duration_us };
            known.insert((file, case.id.clone()), (case.name.clone(), ending));
        }
        Ok(())
    })?;
    let mut difference = Difference::default();
    let files = self::files(after);
    after.each_case(&mut |case| {
        if case.role != CaseRole::Case && !case.status.is_bad() {
            return Ok(());
        }
        let file = files.get(case.suite as usize).cloned().unwrap_or_default();
        let key = (file, case.id.clone());
        let before = known.remove(&key).map(|(_, ending)| ending);
        let after = Ending { status: case.status, duration_us: case.duration_us };
        let Some(list) = difference.list(before, after, slower) else { return Ok(()) };
        let reason = reasons(case).into_iter().next().map(|reason| reason.message);
        let reason = reason.filter(|_| after.status.is_bad());
        let (file, id) = key;
        list.push(Change { file, id, name: case.name.clone(), before, after: Some(after), reason });
        Ok(())
    })?;
    let removed = known.into_iter().map(|((file, id), (name, ending))| Change {
        file,
        id,
        name,
        before: Some(ending),
        after: None,
        reason: None,
    });
    difference.removed = removed.collect();
    Ok(difference)
}

fn files(source: &dyn CaseSource) -> Vec<String> {
    source.head().suites.iter().map(|suite| suite.file.clone()).collect()
}

impl Difference {
    fn list(
        &mut self,
        before: Option<Ending>,
        after: Ending,
        slower: Slower,
    ) -> Option<&mut Vec<Change>> {
        let Some(before) = before else { return Some(&mut self.added) };
        match (before.status.is_bad(), after.status.is_bad()) {
            (false, true) => Some(&mut self.newly_failing),
            (true, true) => Some(&mut self.still_failing),
            (true, false) if after.status == Status::Passed => Some(&mut self.fixed),
            _ if before.status == Status::Passed
                && after.status == Status::Passed
                && is_slower(before.duration_us, after.duration_us, slower) =>
            {
                Some(&mut self.slower)
            }
            _ => None,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "durations stay far below 2^53 µs, 285 years")]
fn is_slower(before: u64, after: u64, slower: Slower) -> bool {
    after.saturating_sub(before) >= slower.at_least_us
        && after as f64 >= before as f64 * slower.factor
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "No difference.");
        }
        let mut blank = "";
        for (title, list) in self.lists() {
            if list.is_empty() {
                continue;
            }
            writeln!(f, "{blank}{} {title}:", list.len())?;
            blank = "\n";
            for change in list {
                writeln!(f, "  {change}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {}", self.file, self.id)?;
        if self.name != self.id {
            write!(f, " ({})", self.name)?;
        }
        match (self.before, self.after) {
            (Some(before), Some(after)) if before.status == after.status => {
                let time = super::format::Duration;
                write!(f, ": {}", after.status)?;
                if !after.status.is_bad() {
                    write!(f, ", {} → {}", time(before.duration_us), time(after.duration_us))?;
                }
            }
            (Some(before), Some(after)) => write!(f, ": {} → {}", before.status, after.status)?,
            (Some(ending), None) | (None, Some(ending)) => write!(f, ": {}", ending.status)?,
            (None, None) => {}
        }
        if let Some(reason) = &self.reason {
            write!(f, "\n    {}", reason.lines().next().unwrap_or(""))?;
        }
        Ok(())
    }
}
