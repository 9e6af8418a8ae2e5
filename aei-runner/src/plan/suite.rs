use std::collections::HashMap;
use std::sync::Arc;

use aei_core::diagnostic::Diagnostic;
use aei_core::evaluator::{Evaluator, Snapshots};
use aei_core::expr::Scope;
use aei_core::host::Host;
use aei_core::load::Suite;
use aei_core::policy::{Guard, Refusal};
use aei_core::source::Span;
use aei_core::template::Case;
use serde_json::{Map, Value};

use super::inputs::Inputs;
use super::labels;
use super::matrix::{Combinations, MatrixSurroundings};
use super::{InputError, RunOptions};
use crate::guard::{self, Environment, GuardedHost};

/// One template with its inputs decided and its matrices known.
pub(crate) struct PlannedSuite {
    pub(crate) suite: Suite,
    pub(crate) evaluator: Evaluator,
    /// What the node's policy allows the template.
    pub(crate) guard: Arc<dyn Guard>,
    /// The host as the runners of its steps see it.
    pub(crate) runner_host: Arc<dyn Host>,
    pub(crate) inputs: Arc<Map<String, Value>>,
    pub(crate) shown_inputs: Map<String, Value>,
    pub(crate) env: Arc<Map<String, Value>>,
    pub(crate) node: Arc<Value>,
    /// Only for cases with a matrix: a template of a million plain cases pays nothing.
    pub(crate) combinations: HashMap<u32, Combinations>,
    /// Which cases a case needs, by their places.
    pub(crate) needs: HashMap<u32, Vec<u32>>,
    /// How many of its units are in the plan.
    pub(crate) planned: u32,
}

/// What keeps a suite out of a plan.
pub(crate) enum SuiteError {
    Inputs(Vec<InputError>),
    Template(Vec<Diagnostic>),
}

/// A suite that cannot be planned.
pub(crate) struct Refused {
    pub(crate) suite: Suite,
    pub(crate) error: SuiteError,
}

impl Refused {
    fn new(suite: Suite, error: SuiteError) -> Box<Self> {
        Box::new(Self { suite, error })
    }
}

/// The most cases that one plan may have.
pub(crate) const MAX_CASES: u32 = 1_000_000;

impl PlannedSuite {
    /// Decides inputs and unfolds matrices. Gives back the secrets too.
    pub(crate) fn new(
        suite: Suite,
        options: &RunOptions,
        host: &Arc<dyn Host>,
    ) -> Result<(Self, Vec<String>), Box<Refused>> {
        let Inputs { values, shown, secrets } =
            match options.inputs.decide(&suite.template, host.as_ref()) {
                Ok(inputs) => inputs,
                Err(errors) => return Err(Refused::new(suite, SuiteError::Inputs(errors))),
            };
        let guard = guard::bind(options.policy.as_ref(), &suite.dir);
        let forbidden: Vec<_> = (suite.template.env.iter())
            .filter_map(|name| Some(unseen(&guard.check_env(&name.value).err()?, name.span)))
            .collect();
        if !forbidden.is_empty() {
            return Err(Refused::new(suite, SuiteError::Template(forbidden)));
        }
        let runner_host = GuardedHost::before(host, &guard, Environment::Runner);
        let host = &GuardedHost::before(host, &guard, Environment::Template);
        let env = suite.template.env.iter().filter_map(|name| {
            host.env(&name.value).map(|value| (name.value.to_string(), Value::from(value)))
        });
        let file_stem = suite.file.rsplit(['/', '\\']).next().unwrap_or_default();
        let snapshots = Snapshots {
            dir: suite.dir.join("snapshots").join(stem(file_stem)),
            update: options.update_snapshots,
        };
        let evaluator = Evaluator::new(
            Arc::clone(host),
            Arc::clone(&suite.sources),
            suite.dir.clone(),
            snapshots,
        );
        let mut planned = Self {
            inputs: Arc::new(values),
            shown_inputs: shown,
            env: Arc::new(env.collect()),
            node: Arc::new(labels(&options.node)),
            evaluator,
            guard,
            runner_host,
            combinations: HashMap::new(),
            needs: HashMap::new(),
            planned: 0,
            suite,
        };
        let errors = planned.unfold(host.as_ref());
        planned.link();
        if errors.is_empty() {
            Ok((planned, secrets))
        } else {
            Err(Refused::new(planned.suite, SuiteError::Template(errors)))
        }
    }

    fn unfold(&mut self, host: &dyn Host) -> Vec<Diagnostic> {
        let mut errors = Vec::new();
        let scope = self.scope();
        for (place, case) in (0..).zip(&self.suite.template.cases) {
            let Some(matrix) = &case.matrix else { continue };
            let around = MatrixSurroundings {
                evaluator: &self.evaluator,
                scope: &scope,
                dir: &self.suite.dir,
                sources: &self.suite.sources,
                host,
                limit: MAX_CASES,
            };
            match Combinations::new(matrix, &around) {
                Ok(combinations) => {
                    self.combinations.insert(place, combinations);
                }
                Err(error) => errors.push(error),
            }
        }
        errors
    }

    fn link(&mut self) {
        let cases = &self.suite.template.cases;
        if cases.iter().all(|case| case.needs.is_empty()) {
            return;
        }
        let places: HashMap<&str, u32> =
            (0..).zip(cases).map(|(place, case)| (&**case.id, place)).collect();
        for (place, case) in (0..).zip(cases) {
            let needs: Vec<u32> =
                case.needs.iter().filter_map(|id| places.get(&*id.value).copied()).collect();
            if !needs.is_empty() {
                self.needs.insert(place, needs);
            }
        }
    }

    /// What expressions see before any case runs.
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            inputs: Arc::clone(&self.inputs),
            env: Arc::clone(&self.env),
            node: Arc::clone(&self.node),
            ..Scope::default()
        }
    }

    /// A case by its place.
    pub(crate) fn case(&self, place: u32) -> &Case {
        &self.suite.template.cases[place as usize]
    }

    /// How many combinations a case has.
    pub(crate) fn combinations(&self, case: u32) -> u32 {
        self.combinations.get(&case).map_or(1, Combinations::len)
    }

    /// The matrix values of a unit.
    pub(crate) fn matrix(&self, case: u32, combination: u32) -> Map<String, Value> {
        self.combinations.get(&case).map_or_else(Map::new, |all| all.get(combination))
    }

    /// The id of a unit: the case's, with its matrix values.
    pub(crate) fn id(&self, case: u32, matrix: &Map<String, Value>) -> String {
        let id = &*self.case(case).id.value;
        if matrix.is_empty() {
            id.to_owned()
        } else {
            format!("{id}[{}]", super::matrix::label(matrix))
        }
    }
}

/// A variable that the template may not see.
fn unseen(refusal: &Refusal, span: Span) -> Diagnostic {
    Diagnostic::error("refused", refusal.to_string(), span).help(Refusal::HELP)
}

/// `checkout` of `checkout.aei.yaml`.
fn stem(file: &str) -> &str {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    stem.strip_suffix(".aei").unwrap_or(stem)
}
