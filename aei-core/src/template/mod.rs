//! The template: what a person writes, as types.
//!
//! The types are the single source of the grammar. Loading checks a document against the JSON
//! Schema made from them (so that every mistake is found at once, with its place) and then
//! deserialises it. Spans stay in the model, so that any later message can point at its line.

mod case;
mod check;
mod entries;
mod input;
mod matrix;
mod quantity;
mod step;

use crate::source::{Span, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

pub use case::Case;
pub use check::{Check, CheckEntry, Operator};
pub use entries::Entries;
pub use input::{Input, InputType};
pub use matrix::Matrix;
pub use quantity::{ByteSize, Period, QuantityError};
pub use step::{Block, Defaults, Retry, Step};

/// The format version that this crate reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// A test template: cases made of steps.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The format version: 1.
    pub aei: u32,
    /// What the suite is called in reports. Default: the file's name.
    #[serde(default)]
    pub name: Option<Spanned<Box<str>>>,
    /// What the template tests, for people.
    #[serde(default)]
    pub description: Option<Box<str>>,
    /// Free labels, kept in the report.
    #[serde(default)]
    pub labels: Entries<Box<str>>,
    /// What may be set from outside: by default, node, run request, environment
    /// (`AEI_INPUT_<NAME>`), `--input-file` or `--input name=value`, the later winning.
    #[serde(default)]
    pub inputs: Entries<Input>,
    /// Names of environment variables that expressions may read as `env.NAME`.
    #[serde(default)]
    pub env: Vec<Spanned<Box<str>>>,
    /// Other files whose `blocks` can be used here, relative to this file.
    #[serde(default)]
    pub include: Vec<Spanned<Box<str>>>,
    /// Time limit of everything in this template together. Teardown gets time of its own.
    #[serde(default)]
    pub timeout: Option<Period>,
    /// What steps get when they do not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// Named, reusable lists of steps, called by `uses: block:NAME`.
    #[serde(default)]
    pub blocks: Entries<Block>,
    /// Steps run once before all cases. When one does not pass, no case runs.
    #[serde(default)]
    pub setup: Vec<Step>,
    /// The cases, run in parallel unless `needs` or `resources` say otherwise.
    #[serde(default)]
    pub cases: Vec<Case>,
    /// Steps run once after all cases, whatever happened.
    #[serde(default)]
    pub teardown: Vec<Step>,
    /// Where the template starts.
    #[serde(rename = "$span", default)]
    #[schemars(skip)]
    pub span: Span,
}
