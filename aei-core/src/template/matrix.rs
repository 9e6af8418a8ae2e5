use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer};

use super::Entries;
use crate::source::{Node, NodeValue, Span, Spanned};

/// The combinations of values that a case runs with.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    /// The axes: each a list of values, or an expression that gives one.
    pub axes: Entries<Node>,
    /// A CSV or JSON file of rows, instead of axes or combined with them.
    pub from: Option<Spanned<Box<str>>>,
    /// The rows of `from`, when they stand in the template.
    pub rows: Box<[Node]>,
    /// Combinations added at the end, or values added to those that match.
    pub include: Box<[Node]>,
    /// Combinations left out: those that match all the values given.
    pub exclude: Box<[Node]>,
    /// Where the matrix starts.
    pub span: Span,
}

impl JsonSchema for Matrix {
    fn schema_name() -> Cow<'static, str> {
        "Matrix".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Runs the case once for each combination of values: each key is an axis with a list of values.",
            "properties": {
                "from": {
                    "type": ["string", "array"], "items": { "type": "object" },
                    "description": "A `.csv` or `.json` file of rows, relative to the template, or a list of rows: each row gives one combination."
                },
                "include": {
                    "type": "array", "items": { "type": "object" },
                    "description": "Combinations to add."
                },
                "exclude": {
                    "type": "array", "items": { "type": "object" },
                    "description": "Combinations to leave out: those that match all the values given."
                }
            },
            "additionalProperties": { "type": ["array", "string"] }
        })
    }
}

impl<'de> Deserialize<'de> for Matrix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        let NodeValue::Map(entries) = node.value else {
            return Err(de::Error::custom("a matrix is a map of lists"));
        };
        let mut matrix = Self { span: node.span, ..Self::default() };
        let mut factors = Vec::new();
        for (key, value) in entries {
            match (key.name.as_str(), value.value) {
                ("from", NodeValue::String(path)) => {
                    matrix.from = Some(Spanned::new(path.as_str().into(), value.span));
                }
                ("from", NodeValue::List(rows)) => matrix.rows = rows,
                ("include", NodeValue::List(rows)) => matrix.include = rows,
                ("exclude", NodeValue::List(rows)) => matrix.exclude = rows,
                (name @ ("from" | "include" | "exclude"), _) => {
                    return Err(de::Error::custom(format_args!("`{name}` has the wrong type")));
                }
                (name, axis) => {
                    let name = Spanned::new(name.into(), key.span);
                    factors.push((name, Node::new(axis, value.span)));
                }
            }
        }
        matrix.axes = Entries(factors.into_boxed_slice());
        Ok(matrix)
    }
}
