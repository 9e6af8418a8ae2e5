use std::collections::{BTreeSet, HashMap};
use std::io;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{CaseReport, CaseSource, ReadError, ReportHead, SuiteReport};
use crate::event::{CaseIndex, CaseRole, RunId, Status, Summary};

/// Several reports as one: the shards of a run, or a run and the rerun of what failed in it.
///
/// Suites of one file become one suite. A case that is in several reports counts as it is in the
/// last of them. Of the cases, only a few bytes each are kept.
pub fn merge(sources: &mut [Box<dyn CaseSource>]) -> Result<impl CaseSource + use<'_>, ReadError> {
    Merged::new(sources)
}

struct Merged<'a> {
    sources: &'a mut [Box<dyn CaseSource>],
    head: ReportHead,
    /// For each source, the merged suite of each of its suites.
    suites: Vec<Vec<u32>>,
    /// The cases that a later source has anew, by source and place in it.
    replaced: BTreeSet<(usize, u64)>,
}

impl<'a> Merged<'a> {
    fn new(sources: &'a mut [Box<dyn CaseSource>]) -> Result<Self, ReadError> {
        let Some(first) = sources.first() else {
            return Err(ReadError::Malformed("there is nothing to merge".to_owned()));
        };
        let mut head = first.head().clone();
        head.suites.clear();
        let mut suites = Vec::new();
        for source in sources.iter() {
            suites.push(join_suites(&mut head.suites, &source.head().suites));
        }
        join_heads(&mut head, sources);
        let replaced = count(&mut head, sources, &suites)?;
        head.status = match head.summary.status() {
            Status::Passed if !head.complete => Status::Cancelled,
            status => status,
        };
        Ok(Self { sources, head, suites, replaced })
    }

    /// Visits what stays of the cases of one source, of one merged suite or of all.
    fn source(
        &mut self,
        at: usize,
        only: Option<u32>,
        next: &mut u32,
        visit: &mut dyn FnMut(&CaseReport) -> io::Result<()>,
    ) -> Result<(), ReadError> {
        let (suites, replaced) = (&self.suites[at], &self.replaced);
        let mut place = 0;
        let mut malformed = None;
        let result = self.sources[at].each_case_json(&mut |json| {
            let key = (at, place);
            place += 1;
            if replaced.contains(&key) {
                return Ok(());
            }
            let parsed = parse(json, only.map(|only| (only, suites.as_slice())));
            match parsed {
                Ok(None) => Ok(()),
                Ok(Some(mut case)) => {
                    case.suite = suites.get(case.suite as usize).copied().unwrap_or(0);
                    case.case = CaseIndex(*next);
                    for step in &mut case.steps {
                        step.artifacts.iter_mut().for_each(|artifact| artifact.case = case.case);
                    }
                    *next += 1;
                    visit(&case)
                }
                Err(error) => {
                    malformed = Some(ReadError::Malformed(format!("case {place}: {error}")));
                    Err(io::ErrorKind::InvalidData.into())
                }
            }
        });
        malformed.map_or(result, Err)
    }
}

/// What tells cases apart, without the rest.
#[derive(Deserialize)]
struct Key {
    suite: u32,
    id: String,
    #[serde(default)]
    role: CaseRole,
    status: Status,
    #[serde(default)]
    flaky: bool,
    duration_us: u64,
}

#[derive(Deserialize)]
struct Place {
    suite: u32,
}

fn parse(json: &[u8], only: Option<(u32, &[u32])>) -> serde_json::Result<Option<CaseReport>> {
    if let Some((only, suites)) = only {
        let place: Place = serde_json::from_slice(json)?;
        if suites.get(place.suite as usize) != Some(&only) {
            return Ok(None);
        }
    }
    serde_json::from_slice(json).map(Some)
}

impl CaseSource for Merged<'_> {
    fn head(&self) -> &ReportHead {
        &self.head
    }

    fn each_case(
        &mut self,
        visit: &mut dyn FnMut(&CaseReport) -> io::Result<()>,
    ) -> Result<(), ReadError> {
        let mut next = 0;
        let all: usize = self.suites.iter().map(Vec::len).sum();
        if all == self.head.suites.len() {
            return (0..self.sources.len())
                .try_for_each(|at| self.source(at, None, &mut next, visit));
        }
        // A suite stands together, so sources that share suites are read once for each of them.
        for suite in 0..u32::try_from(self.head.suites.len()).unwrap_or(u32::MAX) {
            for at in 0..self.sources.len() {
                if self.suites[at].contains(&suite) {
                    self.source(at, Some(suite), &mut next, visit)?;
                }
            }
        }
        Ok(())
    }
}

fn join_suites(all: &mut Vec<SuiteReport>, suites: &[SuiteReport]) -> Vec<u32> {
    let places = suites.iter().map(|suite| {
        let same = |other: &SuiteReport| other.file == suite.file && other.name == suite.name;
        let place = all.iter().position(same).unwrap_or_else(|| {
            let (summary, duration_us) = (Summary::default(), 0);
            all.push(SuiteReport { summary, duration_us, ..suite.clone() });
            all.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    });
    places.collect()
}

fn join_heads(head: &mut ReportHead, sources: &[Box<dyn CaseSource>]) {
    let heads = || sources.iter().map(|source| source.head());
    let end = |head: &ReportHead| {
        let us = i64::try_from(head.duration_us).unwrap_or(0);
        head.started_at + chrono::TimeDelta::microseconds(us)
    };
    let last = heads().map(end).max().unwrap_or(head.started_at);
    head.started_at = heads().map(|head| head.started_at).min().unwrap_or(head.started_at);
    let whole = (last - head.started_at).num_microseconds().unwrap_or(0);
    head.duration_us = u64::try_from(whole).unwrap_or(0);
    head.complete = heads().all(|head| head.complete);
    head.reason = heads().find_map(|head| head.reason.clone());
    head.jobs = heads().map(|head| head.jobs).max().unwrap_or(head.jobs);
    let names: BTreeSet<&str> = heads().map(|head| head.name.as_str()).collect();
    head.name = names.into_iter().collect::<Vec<_>>().join(" + ");
    let seed = head.seed;
    head.seed = seed.filter(|_| heads().all(|head| head.seed == seed));
    head.node.retain(|name, value| heads().all(|head| head.node.get(name) == Some(value)));
    head.run_id = run_id(&heads().map(|head| head.run_id).collect::<Vec<_>>());
    head.summary = Summary::default();
}

/// The shards of one run keep its identity; other runs together have one made of theirs.
fn run_id(ids: &[RunId]) -> RunId {
    if let [first, rest @ ..] = ids
        && rest.iter().all(|id| id == first)
    {
        return *first;
    }
    let mut hash = Sha256::new();
    for id in ids {
        hash.update(id.0.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    RunId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Counts each case once, as the last source that has it says, and finds what that replaces.
fn count(
    head: &mut ReportHead,
    sources: &mut [Box<dyn CaseSource>],
    suites: &[Vec<u32>],
) -> Result<BTreeSet<(usize, u64)>, ReadError> {
    let mut seen: HashMap<[u8; 16], (usize, u64)> = HashMap::new();
    let mut replaced = BTreeSet::new();
    for at in (0..sources.len()).rev() {
        let mut place = 0;
        let mut malformed = None;
        let result = sources[at].each_case_json(&mut |json| {
            let here = (at, place);
            place += 1;
            match serde_json::from_slice::<Key>(json) {
                Ok(key) => {
                    let suite = suites[at].get(key.suite as usize).copied().unwrap_or(0);
                    if key.role == CaseRole::Case {
                        let first = *seen.entry(name(suite, &key.id)).or_insert(here);
                        if first.0 != at {
                            replaced.insert(here);
                            return Ok(());
                        }
                    }
                    add(head, suite, &key);
                    Ok(())
                }
                Err(error) => {
                    malformed = Some(ReadError::Malformed(format!("case {place}: {error}")));
                    Err(io::ErrorKind::InvalidData.into())
                }
            }
        });
        malformed.map_or(result, Err)?;
    }
    Ok(replaced)
}

fn name(suite: u32, id: &str) -> [u8; 16] {
    let digest = Sha256::new().chain_update(suite.to_le_bytes()).chain_update(id).finalize();
    let mut name = [0; 16];
    name.copy_from_slice(&digest[..16]);
    name
}

fn add(head: &mut ReportHead, suite: u32, key: &Key) {
    let Some(suite) = head.suites.get_mut(suite as usize) else { return };
    suite.duration_us += key.duration_us;
    if key.role == CaseRole::Case || key.status.is_bad() {
        for summary in [&mut suite.summary, &mut head.summary] {
            summary.total += 1;
            summary.count(key.status, key.flaky);
        }
    }
}
