use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use aei_core::event::{CaseIndex, Event};
use aei_core::report::{CaseReport, CaseSource, ReadError, ReportHead};

use super::FolderError;
use super::recorder::{CASES, JOURNAL, Place, Recorder};
use super::spool::Spool;

/// The results of a run, read from its folder one case at a time.
#[derive(Debug)]
pub struct StoredRun {
    path: PathBuf,
    head: ReportHead,
    places: Vec<Place>,
    cases: Spool,
}

/// How much is read ahead: cases end in nearly the order in which they are read.
const WINDOW: u64 = 256 << 10;

impl StoredRun {
    /// What was just recorded. `None` when there was no event.
    pub(super) fn recorded(path: PathBuf, mut recorder: Recorder) -> Option<Self> {
        recorder.close();
        let Recorder { head, places, cases, .. } = recorder;
        Some(Self { path, head: head?, places, cases })
    }

    /// Reads an earlier run. What its journal tells of cases that never ended is told as such.
    pub(super) fn open(path: &Path) -> Result<Self, FolderError> {
        let wrong = |source| FolderError::Read { path: path.to_owned(), source };
        let journal = File::open(path.join(JOURNAL)).map_err(wrong)?;
        let cases = path.join(CASES);
        let (ended, places) =
            if cases.exists() { index(&cases).map_err(wrong)? } else { Default::default() };
        let mut recorder = Recorder::resume(Spool::open(&cases).unwrap_or_default());
        each_line(journal, |line, _| {
            // A line cut in two by a power cut is the end of what is known.
            let Ok(event) = serde_json::from_slice::<Event>(line) else { return };
            if event.event.case().is_none_or(|case| !ended.contains(&case)) {
                recorder.fold(&event);
            }
        })
        .map_err(wrong)?;
        recorder.take_over(places).map_err(wrong)?;
        let path = path.to_owned();
        Self::recorded(path.clone(), recorder).ok_or(FolderError::Empty { path })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl CaseSource for StoredRun {
    fn head(&self) -> &ReportHead {
        &self.head
    }

    fn each_case(
        &mut self,
        visit: &mut dyn FnMut(&CaseReport) -> io::Result<()>,
    ) -> Result<(), ReadError> {
        let mut malformed = None;
        self.each_case_json(&mut |json| match serde_json::from_slice(json) {
            Ok(report) => visit(&report),
            Err(error) => {
                malformed = Some(error.to_string());
                Err(io::ErrorKind::InvalidData.into())
            }
        })
        .map_err(|error| malformed.take().map_or(error, ReadError::Malformed))
    }

    fn each_case_json(
        &mut self,
        visit: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), ReadError> {
        let mut window = 0..0;
        let mut bytes = Vec::new();
        for place in &self.places {
            let range = place.offset..place.offset + u64::from(place.length);
            if range.start < window.start || range.end > window.end {
                window = range.start..range.end.max((range.start + WINDOW).min(self.cases.end()));
                self.cases.read(window.clone(), &mut bytes)?;
            }
            let from = usize::try_from(range.start - window.start).unwrap_or(usize::MAX);
            visit(&bytes[from..from + place.length as usize])?;
        }
        Ok(())
    }
}

/// Finds the reports in a file of cases.
pub(super) fn index(path: &Path) -> io::Result<(HashSet<CaseIndex>, Vec<Place>)> {
    #[derive(serde::Deserialize)]
    struct Which {
        case: CaseIndex,
    }
    let mut ended = HashSet::new();
    let mut places = Vec::new();
    each_line(File::open(path)?, |line, offset| {
        if let (Ok(Which { case }), Ok(length)) =
            (serde_json::from_slice(line), u32::try_from(line.len()))
            && ended.insert(case)
        {
            places.push(Place { case, length, offset });
        }
    })?;
    Ok((ended, places))
}

/// Calls `visit` with every whole line and its offset.
fn each_line(file: File, mut visit: impl FnMut(&[u8], u64)) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(256 << 10, file);
    let mut line = Vec::new();
    let mut offset = 0;
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)? as u64;
        if line.pop() != Some(b'\n') {
            return Ok(());
        }
        visit(&line, offset);
        offset += length;
    }
}
