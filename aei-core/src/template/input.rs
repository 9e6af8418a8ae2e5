use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::{Node, Span};

/// A value set from outside.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The type; text from the command line or environment is converted to it. Default: string.
    #[serde(default, rename = "type")]
    pub kind: InputType,
    /// The value when nobody sets one. Without it, the input must be set.
    #[serde(default)]
    pub default: Option<Node>,
    /// What it is for, for people.
    #[serde(default)]
    pub description: Option<Box<str>>,
    /// The values allowed.
    #[serde(default, rename = "enum")]
    pub allowed: Option<Vec<Node>>,
    /// Never shown: replaced by `***` in events, reports and messages.
    #[serde(default)]
    pub secret: bool,
    /// Where the input is declared.
    #[serde(rename = "$span", default)]
    #[schemars(skip)]
    pub span: Span,
}

/// The type of an input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputType {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list; text is read as JSON.
    List,
    /// A map; text is read as JSON.
    Map,
}

impl InputType {
    /// The word that a template writes as `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Map => "map",
        }
    }
}
