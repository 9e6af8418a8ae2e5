use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{RunnerSpec, StepContext, StepError, StepErrorKind};
use crate::source::{Node, Span, from_node};
use crate::template::Check;

/// What the author of a step runner writes.
///
/// ```
/// use aei_core::runner::{Registry, StepContext, StepError, StepRunner};
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// struct Add;
/// /// Adds two numbers.
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Params { a: i64, b: i64 }
/// #[derive(Serialize, JsonSchema)]
/// struct Outcome { sum: i64 }
///
/// impl StepRunner for Add {
///     const KIND: &'static str = "add";
///     type Params = Params;
///     type Outcome = Outcome;
///     async fn run(&self, params: Params, _cx: &StepContext) -> Result<Outcome, StepError> {
///         Ok(Outcome { sum: params.a + params.b })
///     }
/// }
///
/// let mut registry = Registry::empty();
/// registry.register(Add);
/// assert!(registry.get("add").is_some());
/// ```
pub trait StepRunner: Send + Sync + 'static {
    /// The name that `uses` refers to.
    const KIND: &'static str;
    /// A short YAML example of a step, shown on the reference page.
    const EXAMPLE: &'static str = "";
    /// Checks used when `expect` says nothing of the value that they look at, as a JSON list of
    /// check entries.
    const DEFAULT_CHECKS: &'static str = "[]";
    /// How long after a cancel or a timeout [`run`](Self::run) may go on to clean up before its
    /// future is dropped.
    const GRACE: Duration = Duration::ZERO;

    /// What `with` holds. Its doc comment is the runner's summary, its fields' are the reference.
    type Params: DeserializeOwned + JsonSchema + Send;
    /// What checks and captures select from.
    type Outcome: Serialize + JsonSchema;

    /// Carries the step out.
    fn run(
        &self,
        params: Self::Params,
        cx: &StepContext,
    ) -> impl Future<Output = Result<Self::Outcome, StepError>> + Send;

    /// Whether the default checks are meant for a step with this outcome. Mostly they are; but who
    /// deletes a file does not want it to be there.
    fn default_checks_apply(&self, _outcome: &Value) -> bool {
        true
    }
}

/// A step runner whose types are known at run time only: what a registry holds.
#[async_trait]
pub trait DynStepRunner: Send + Sync {
    /// Kind, schemas, docs.
    fn spec(&self) -> &RunnerSpec;
    /// Carries the step out.
    async fn run(&self, with: Value, cx: &StepContext) -> Result<Value, StepError>;
    /// Whether the default checks are meant for a step with this outcome.
    fn default_checks_apply(&self, _outcome: &Value) -> bool {
        true
    }
}

/// Makes a [`DynStepRunner`] of any [`StepRunner`].
pub struct Typed<R> {
    runner: R,
    // Schemas cost a fraction of a millisecond each; a run that never asks does not pay.
    spec: OnceLock<RunnerSpec>,
}

impl<R: StepRunner> Typed<R> {
    /// Wraps a runner.
    pub fn new(runner: R) -> Self {
        Self { runner, spec: OnceLock::new() }
    }
}

#[async_trait]
impl<R: StepRunner> DynStepRunner for Typed<R> {
    fn spec(&self) -> &RunnerSpec {
        self.spec.get_or_init(|| {
            let params = schemars::schema_for!(R::Params).to_value();
            let summary = params["description"].as_str().unwrap_or_default().to_owned();
            RunnerSpec {
                kind: R::KIND.to_owned(),
                summary,
                example: R::EXAMPLE.to_owned(),
                outcome: outcome_schema::<R::Outcome>(),
                params,
                default_checks: default_checks(R::DEFAULT_CHECKS),
                grace: R::GRACE,
            }
        })
    }

    async fn run(&self, with: Value, cx: &StepContext) -> Result<Value, StepError> {
        let params = serde_path_to_error::deserialize(with).map_err(|error| invalid(&error))?;
        let outcome = self.runner.run(params, cx).await?;
        serde_json::to_value(outcome).map_err(|error| {
            StepError::new(
                StepErrorKind::Internal,
                format!("the outcome of `{}` is not JSON: {error}", R::KIND),
            )
        })
    }

    fn default_checks_apply(&self, outcome: &Value) -> bool {
        self.runner.default_checks_apply(outcome)
    }
}

fn default_checks(json: &str) -> Vec<Check> {
    let checks =
        serde_json::from_str(json).map_err(|error| error.to_string()).and_then(|value: Value| {
            from_node(Node::from_value(&value, Span::NONE)).map_err(|error| error.to_string())
        });
    debug_assert!(checks.is_ok(), "DEFAULT_CHECKS is a JSON list of checks: {checks:?}");
    checks.unwrap_or_default()
}

fn invalid(error: &serde_path_to_error::Error<serde_json::Error>) -> StepError {
    let path = error.path().to_string();
    let step_error =
        StepError::new(StepErrorKind::InvalidParams, format!("`with` is wrong: {}", error.inner()));
    if path == "." { step_error } else { step_error.at(pointer_of(&path)) }
}

/// `json.items[2].name` → `/json/items/2/name`.
fn pointer_of(path: &str) -> String {
    let mut pointer = String::with_capacity(path.len() + 1);
    for part in path.split(['.', '[']) {
        pointer.push('/');
        pointer.push_str(&part.trim_end_matches(']').replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

/// What is left out when it is empty is not required of an outcome.
fn outcome_schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().to_value()
}
