use schemars::JsonSchema;
use serde::Deserialize;

use super::{Entries, Matrix, Period, Step};
use crate::source::{Span, Spanned};

/// One case: steps that run one after the other and give one verdict.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A name for machines: letters, digits, `_`, `-` and `.`; unique in the template.
    pub id: Spanned<Box<str>>,
    /// A name for people; may hold `${{ }}`. Default: the id.
    #[serde(default)]
    pub name: Option<Spanned<Box<str>>>,
    /// What the case tests, for people.
    #[serde(default)]
    pub description: Option<Box<str>>,
    /// Words to select the case by (`--tag`).
    #[serde(default)]
    pub tags: Box<[Spanned<Box<str>>]>,
    /// An expression; the case is skipped when it is false.
    #[serde(default, rename = "if")]
    pub condition: Option<Spanned<Box<str>>>,
    /// Ids of cases that must pass first; otherwise this one is skipped, with the reason.
    #[serde(default)]
    pub needs: Box<[Spanned<Box<str>>]>,
    /// Runs the case once for each combination of values.
    #[serde(default)]
    pub matrix: Option<Box<Matrix>>,
    /// Time limit of one attempt of the case.
    #[serde(default)]
    pub timeout: Option<Period>,
    /// How many more times to try a case that did not pass. A pass after that is *flaky*.
    #[serde(default)]
    pub retries: u32,
    /// Labels that a node must have to run the case, such as `os: linux`.
    #[serde(default)]
    pub requires: Entries<Box<str>>,
    /// Names of things that only one case at a time may use.
    #[serde(default)]
    pub resources: Box<[Spanned<Box<str>>]>,
    /// Steps run before `steps`. When one does not pass, `steps` do not run.
    #[serde(default)]
    pub setup: Box<[Step]>,
    /// What the case does.
    #[serde(default)]
    pub steps: Box<[Step]>,
    /// Steps run at the end, whatever happened.
    #[serde(default)]
    pub teardown: Box<[Step]>,
    /// Where the case starts.
    #[serde(rename = "$span", default)]
    #[schemars(skip)]
    pub span: Span,
}
