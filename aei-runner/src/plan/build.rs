use std::collections::HashMap;
use std::sync::Arc;

use aei_core::diagnostic::Diagnostic;
use aei_core::event::{CaseIndex, CaseRole, CaseStarted, Location};
use aei_core::host::Host;
use aei_core::load::Suite;
use aei_core::redact::Redactor;
use aei_core::source::SourceMap;
use serde_json::{Map, Value};

use super::suite::{MAX_CASES, PlannedSuite, SuiteError};
use super::{PlanError, RunOptions, pick, shard, shuffle};

/// What will be run, in order, with everything decided that can be known before.
pub struct Plan {
    pub(crate) suites: Vec<PlannedSuite>,
    /// In the order of the templates: the order of the report.
    pub(crate) units: Vec<Unit>,
    /// The order in which setups and cases start.
    pub(crate) order: Vec<u32>,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) options: RunOptions,
}

/// One thing that gets a verdict of its own. Small: there may be a million.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) suite: u32,
    pub(crate) role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Setup,
    Case { case: u32, combination: u32 },
    Teardown,
}

impl Unit {
    /// The place of the case in its template.
    pub(crate) const fn case(&self) -> Option<u32> {
        match self.role {
            Role::Case { case, .. } => Some(case),
            Role::Setup | Role::Teardown => None,
        }
    }

    pub(crate) const fn combination(&self) -> u32 {
        match self.role {
            Role::Case { combination, .. } => combination,
            Role::Setup | Role::Teardown => 0,
        }
    }
}

/// A case of a plan, for lists.
#[derive(Debug, Clone)]
pub struct PlannedCase {
    /// Its place in the report.
    pub index: CaseIndex,
    /// The place of its template in the plan.
    pub suite: u32,
    /// The template's file, as given.
    pub file: String,
    /// A case, or the template's setup or teardown.
    pub role: CaseRole,
    /// Its id with its matrix values.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its matrix values.
    pub matrix: Map<String, Value>,
    /// The ids of the cases that must pass first.
    pub needs: Vec<String>,
    /// Where it is written.
    pub location: Option<Location>,
}

impl PlannedCase {
    /// The event of an attempt of it that begins.
    pub(crate) fn started(&self, attempt: u32) -> CaseStarted {
        CaseStarted {
            case: self.index,
            suite: self.suite,
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            tags: self.tags.clone(),
            matrix: self.matrix.clone(),
            attempt,
            location: self.location.clone(),
        }
    }
}

impl Plan {
    /// Makes a plan of one or several templates.
    ///
    /// # Errors
    /// Everything that keeps the run from starting, all at once: inputs, matrices, selections.
    pub fn new(
        suites: Vec<Suite>,
        options: RunOptions,
        host: &Arc<dyn Host>,
    ) -> Result<Self, PlanError> {
        let templates: Vec<_> = suites.iter().map(|suite| &suite.template).collect();
        let mut inputs = options.inputs.unknown(&templates);
        let mut mistakes: Option<(Vec<Diagnostic>, SourceMap)> = None;
        let mut planned = Vec::with_capacity(suites.len());
        let mut secrets = Vec::new();
        for suite in suites {
            match PlannedSuite::new(suite, &options, host) {
                Ok((suite, its)) => {
                    planned.push(suite);
                    secrets.extend(its);
                }
                Err(refused) => match refused.error {
                    SuiteError::Inputs(errors) => inputs.extend(errors),
                    SuiteError::Template(diagnostics) => {
                        let sources = (*refused.suite.sources).clone();
                        mistakes.get_or_insert((diagnostics, sources));
                    }
                },
            }
        }
        if !inputs.is_empty() {
            inputs.dedup_by(|a, b| a.message == b.message);
            return Err(PlanError::Inputs(inputs));
        }
        if let Some((diagnostics, sources)) = mistakes {
            return Err(PlanError::Template { diagnostics, sources: Box::new(sources) });
        }
        let redactor = Arc::new(Redactor::new(&secrets));
        for suite in &mut planned {
            suite.evaluator.hide(Arc::clone(&redactor));
        }
        let mut units = cases(&planned)?;
        pick::keep(&mut units, &planned, &options)?;
        if let Some(part) = options.shard {
            shard::keep(&mut units, &planned, part);
        }
        let units = with_setups(&mut planned, units);
        let order = start_order(&units, options.shuffle);
        Ok(Self { suites: planned, units, order, redactor, options })
    }

    /// The options that it was made with.
    pub const fn options(&self) -> &RunOptions {
        &self.options
    }

    /// How many cases it has; setup and teardown of templates are not counted.
    pub fn len(&self) -> usize {
        self.units.iter().filter(|unit| unit.case().is_some()).count()
    }

    /// Whether it has no case at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the run is called: its suite, or how many there are.
    pub fn name(&self) -> String {
        match self.suites.as_slice() {
            [suite] => suite.suite.name.clone(),
            suites => format!("{} suites", suites.len()),
        }
    }

    /// All cases in the order of the report, setups and teardowns among them.
    pub fn cases(&self) -> impl Iterator<Item = PlannedCase> + '_ {
        (0..).zip(&self.units).map(|(index, unit)| self.describe(CaseIndex(index), *unit))
    }

    /// A unit as people see it.
    pub(crate) fn describe(&self, index: CaseIndex, unit: Unit) -> PlannedCase {
        let suite = &self.suites[unit.suite as usize];
        let template = &suite.suite.template;
        let base = |role, id: &str, name: &str| PlannedCase {
            index,
            suite: unit.suite,
            file: suite.suite.file.clone(),
            role,
            id: id.to_owned(),
            name: name.to_owned(),
            tags: Vec::new(),
            matrix: Map::new(),
            needs: Vec::new(),
            location: None,
        };
        let first = |steps: &[aei_core::template::Step]| {
            steps.first().and_then(|step| suite.location(step.span))
        };
        match unit.role {
            Role::Setup => PlannedCase {
                location: first(&template.setup),
                ..base(CaseRole::Setup, "setup", "Setup")
            },
            Role::Teardown => PlannedCase {
                location: first(&template.teardown),
                ..base(CaseRole::Teardown, "teardown", "Teardown")
            },
            Role::Case { case: place, combination } => {
                let case = suite.case(place);
                let matrix = suite.matrix(place, combination);
                let id = suite.id(place, &matrix);
                let name = suite.name(case, &id, &matrix);
                PlannedCase {
                    tags: case.tags.iter().map(|tag| tag.value.to_string()).collect(),
                    needs: case.needs.iter().map(|need| need.value.to_string()).collect(),
                    location: suite.location(case.id.span),
                    matrix,
                    ..base(CaseRole::Case, &id, &name)
                }
            }
        }
    }
}

impl PlannedSuite {
    /// Where a span starts, for events.
    pub(crate) fn location(&self, span: aei_core::source::Span) -> Option<Location> {
        let at = self.suite.sources.position(span)?;
        Some(Location { file: at.file, line: at.line, column: at.column })
    }

    /// A case's name for people; as written when its expressions cannot be evaluated yet.
    fn name(
        &self,
        case: &aei_core::template::Case,
        id: &str,
        matrix: &Map<String, Value>,
    ) -> String {
        let Some(name) = &case.name else { return id.to_owned() };
        if !name.value.contains("${{") {
            return name.value.to_string();
        }
        let scope = aei_core::expr::Scope { matrix: Arc::new(matrix.clone()), ..self.scope() };
        let rendered = self.evaluator.render_text(&name.value, name.span, &scope);
        rendered.unwrap_or_else(|_| name.value.to_string())
    }
}

/// Every combination of every case.
fn cases(suites: &[PlannedSuite]) -> Result<Vec<Unit>, PlanError> {
    let count = |suite: &PlannedSuite| {
        let cases = suite.suite.template.cases.len();
        let extra = suite.combinations.values().map(|all| all.len() as usize);
        cases - suite.combinations.len() + extra.sum::<usize>()
    };
    let total: usize = suites.iter().map(count).sum();
    if total > MAX_CASES as usize {
        let reason =
            format!("the templates make {total} cases, more than the limit of {MAX_CASES}");
        return Err(PlanError::Nothing { reason });
    }
    let mut units = Vec::with_capacity(total + 2 * suites.len());
    for (suite, planned) in (0..).zip(suites) {
        for case in 0..u32::try_from(planned.suite.template.cases.len()).unwrap_or(u32::MAX) {
            let combinations = 0..planned.combinations(case);
            units.extend(
                combinations
                    .map(|combination| Unit { suite, role: Role::Case { case, combination } }),
            );
        }
    }
    Ok(units)
}

/// Puts each template's setup before and its teardown after its cases, where it has any.
fn with_setups(suites: &mut [PlannedSuite], cases: Vec<Unit>) -> Vec<Unit> {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for unit in &cases {
        *counts.entry(unit.suite).or_default() += 1;
    }
    let mut units = Vec::with_capacity(cases.len() + 2 * suites.len());
    let mut rest = cases.into_iter().peekable();
    for (suite, planned) in (0..).zip(suites.iter_mut()) {
        planned.planned = counts.get(&suite).copied().unwrap_or(0);
        if planned.planned == 0 {
            continue;
        }
        if !planned.suite.template.setup.is_empty() {
            units.push(Unit { suite, role: Role::Setup });
        }
        while let Some(unit) = rest.next_if(|unit| unit.suite == suite) {
            units.push(unit);
        }
        if !planned.suite.template.teardown.is_empty() {
            units.push(Unit { suite, role: Role::Teardown });
        }
    }
    units
}

/// Setups first, so that nothing waits long for them; teardowns start by themselves.
fn start_order(units: &[Unit], seed: Option<u64>) -> Vec<u32> {
    let places = |wanted: fn(&Unit) -> bool| {
        (0u32..).zip(units).filter(move |(_, unit)| wanted(unit)).map(|(place, _)| place)
    };
    let Some(seed) = seed else {
        return places(|unit| unit.role != Role::Teardown).collect();
    };
    let mut order: Vec<u32> = places(|unit| unit.role == Role::Setup).collect();
    let mut cases: Vec<u32> = places(|unit| unit.case().is_some()).collect();
    shuffle::shuffle(&mut cases, seed);
    order.append(&mut cases);
    order
}
