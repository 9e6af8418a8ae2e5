use std::collections::{BTreeSet, HashSet};

use aei_core::diagnostic::nearest;
use globset::{Glob, GlobSet, GlobSetBuilder};

use super::suite::PlannedSuite;
use super::{PlanError, Rerun, Selection, Unit};

/// Keeps the units that the caller asked for, and what they need.
pub(crate) fn keep(
    units: &mut Vec<Unit>,
    suites: &[PlannedSuite],
    select: &Selection,
) -> Result<(), PlanError> {
    let Selection { cases, tags } = select;
    if cases.is_empty() && tags.is_none() {
        return Ok(());
    }
    let patterns = Patterns::new(cases)?;
    let wanted = |suite: &PlannedSuite, case: u32, combination: u32| {
        if let Some(tags) = tags {
            let has: Vec<&str> = suite.case(case).tags.iter().map(|tag| &*tag.value).collect();
            if !tags.matches(&has) {
                return false;
            }
        }
        if cases.is_empty() {
            return true;
        }
        let id = suite.id(case, &suite.matrix(case, combination));
        patterns.matches(&suite.case(case).id.value, &id)
    };
    let picked = picked(units, suites, wanted);
    if picked.is_empty() {
        return Err(PlanError::Nothing { reason: why_nothing(units, suites, select) });
    }
    retain(units, suites, &picked);
    Ok(())
}

/// Keeps the units that are to be run again, and what they need. Nothing may be left when
/// `may_be_empty`.
pub(crate) fn keep_rerun(
    units: &mut Vec<Unit>,
    suites: &[PlannedSuite],
    rerun: &Rerun,
    may_be_empty: bool,
) -> Result<(), PlanError> {
    let picked = picked(units, suites, |suite, case, combination| {
        rerun.wants(&suite.suite.file, suite.id(case, &suite.matrix(case, combination)))
    });
    if picked.is_empty() && !may_be_empty {
        let reason = match rerun {
            Rerun::Only(_) => "none of the cases to rerun is in these templates",
            Rerun::AllBut(_) => "all cases of these templates have passed before",
        };
        return Err(PlanError::Nothing { reason: reason.to_owned() });
    }
    retain(units, suites, &picked);
    Ok(())
}

fn picked(
    units: &[Unit],
    suites: &[PlannedSuite],
    wanted: impl Fn(&PlannedSuite, u32, u32) -> bool,
) -> BTreeSet<usize> {
    let wanted = |unit: &Unit| {
        let suite = &suites[unit.suite as usize];
        unit.case().is_some_and(|case| wanted(suite, case, unit.combination()))
    };
    units.iter().enumerate().filter(|(_, unit)| wanted(unit)).map(|(at, _)| at).collect()
}

fn retain(units: &mut Vec<Unit>, suites: &[PlannedSuite], picked: &BTreeSet<usize>) {
    let mut needed = HashSet::new();
    for &at in picked {
        if let Some(case) = units[at].case() {
            close(&suites[units[at].suite as usize], units[at].suite, case, &mut needed);
        }
    }
    let mut at = 0;
    units.retain(|unit| {
        at += 1;
        let is_needed = unit.case().is_some_and(|case| needed.contains(&(unit.suite, case)));
        picked.contains(&(at - 1)) || is_needed
    });
}

fn close(suite: &PlannedSuite, index: u32, case: u32, needed: &mut HashSet<(u32, u32)>) {
    let mut open = vec![case];
    while let Some(case) = open.pop() {
        for &need in suite.needs.get(&case).into_iter().flatten() {
            if needed.insert((index, need)) {
                open.push(need);
            }
        }
    }
}

/// Ids as they are, before globs: `login[user=ann]` is not meant as a set of letters.
struct Patterns<'a> {
    exact: &'a [String],
    globs: GlobSet,
}

impl<'a> Patterns<'a> {
    fn new(patterns: &'a [String]) -> Result<Self, PlanError> {
        let wrong = |pattern: &str, error: &globset::Error| PlanError::Pattern {
            pattern: pattern.to_owned(),
            reason: error.kind().to_string(),
        };
        let mut globs = GlobSetBuilder::new();
        for pattern in patterns {
            globs.add(Glob::new(pattern).map_err(|error| wrong(pattern, &error))?);
        }
        let globs = globs.build().map_err(|error| wrong(&patterns.join(" "), &error))?;
        Ok(Self { exact: patterns, globs })
    }

    fn matches(&self, plain: &str, id: &str) -> bool {
        self.exact.is_empty()
            || self.exact.iter().any(|pattern| pattern == id || pattern == plain)
            || self.globs.is_match(plain)
            || self.globs.is_match(id)
    }
}

fn why_nothing(units: &[Unit], suites: &[PlannedSuite], select: &Selection) -> String {
    let ids = units.iter().filter_map(|unit| {
        let suite = &suites[unit.suite as usize];
        unit.case().map(|case| &*suite.case(case).id.value)
    });
    match select.cases.first() {
        Some(pattern) => match nearest(pattern, ids) {
            Some(like) => format!("nothing matches `{pattern}`; did you mean `{like}`?"),
            None => format!("nothing matches `{pattern}`; `aei list` shows the ids"),
        },
        None => "no case has such tags; `aei list` shows them".to_owned(),
    }
}
