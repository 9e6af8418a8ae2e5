use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Entries, Input, Period};
use crate::source::{Node, Span, Spanned};

/// One step: a runner does something, checks look at its outcome.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A name for expressions (`steps.<id>`): a letter or `_`, then letters, digits and `_`.
    #[serde(default)]
    pub id: Option<Spanned<Box<str>>>,
    /// A name for people; may hold `${{ }}`.
    #[serde(default)]
    pub name: Option<Spanned<Box<str>>>,
    /// The runner kind, or `block:NAME`.
    pub uses: Spanned<Box<str>>,
    /// What the runner is told. Every string in it may hold `${{ }}`.
    #[serde(default)]
    pub with: Option<Node>,
    /// What must hold of the outcome. All of it is checked and reported.
    #[serde(default)]
    pub expect: Box<[Check]>,
    /// Keeps parts of the outcome for later steps of the case: `vars.<name>` from a selector.
    #[serde(default)]
    pub capture: Entries<Spanned<Box<str>>>,
    /// Repeats the step until its checks hold.
    #[serde(default)]
    pub retry: Option<Box<Retry>>,
    /// Time limit of one attempt of the step. Default: `defaults.timeout`, else none.
    #[serde(default)]
    pub timeout: Option<Period>,
    /// An expression; the step is skipped when it is false.
    #[serde(default, rename = "if")]
    pub condition: Option<Spanned<Box<str>>>,
    /// Goes on with the next step when this one does not pass; the case fails all the same.
    #[serde(default)]
    pub continue_on_failure: bool,
    /// Where the step starts.
    #[serde(rename = "$span", default)]
    #[schemars(skip)]
    pub span: Span,
}

/// How to repeat a step whose checks do not hold yet.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// How often to try, the first time included.
    #[schemars(range(min = 1))]
    pub attempts: u32,
    /// The pause before the second try. Default: 1s.
    #[serde(default)]
    pub interval: Option<Period>,
    /// What each further pause is multiplied by. Default: 1, a steady pace.
    #[serde(default)]
    #[schemars(range(min = 1.0))]
    pub backoff: Option<f64>,
    /// The longest pause that `backoff` may grow to.
    #[serde(default)]
    pub max_interval: Option<Period>,
}

/// What steps get when they do not say otherwise.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Time limit of one attempt of a step.
    #[serde(default)]
    pub timeout: Option<Period>,
    /// How to repeat steps.
    #[serde(default)]
    pub retry: Option<Box<Retry>>,
    /// For each runner kind, values that `with` starts from. Maps are merged, the step's own
    /// values win.
    #[serde(default)]
    pub with: Entries<Node>,
}

/// A named, reusable list of steps.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// What the block does, for people.
    #[serde(default)]
    pub description: Option<Box<str>>,
    /// What a caller may set by `with`; inside the block they are `inputs.<name>`.
    #[serde(default)]
    pub inputs: Entries<Input>,
    /// What the block does. What these steps capture is in `vars` after the call.
    pub steps: Vec<Step>,
    /// Where the block starts.
    #[serde(rename = "$span", default)]
    #[schemars(skip)]
    pub span: Span,
}
