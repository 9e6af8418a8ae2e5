use std::sync::Arc;

use serde_json::{Map, Value};

use super::convert::write_plain;

/// What the names of an expression stand for.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The values that may be set from outside.
    pub inputs: Arc<Map<String, Value>>,
    /// What steps have captured.
    pub vars: Map<String, Value>,
    /// The row of the case's matrix.
    pub matrix: Arc<Map<String, Value>>,
    /// The outcomes of steps, by step id.
    pub steps: Map<String, Value>,
    /// The case: `id`, `name` and so on.
    pub case: Arc<Value>,
    /// The run.
    pub run: Arc<Value>,
    /// The machine.
    pub node: Arc<Value>,
    /// The environment variables that the template lists.
    pub env: Arc<Map<String, Value>>,
}

/// The names that an expression can begin with.
pub const ROOTS: [&str; 8] = ["inputs", "vars", "matrix", "steps", "case", "run", "node", "env"];

/// A value of a scope: maps at the top are not wrapped in a [`Value`].
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    Map(&'a Map<String, Value>),
    Value(&'a Value),
}

impl<'a> View<'a> {
    pub(super) fn as_map(self) -> Option<&'a Map<String, Value>> {
        match self {
            Self::Map(map) => Some(map),
            Self::Value(value) => value.as_object(),
        }
    }

    pub(super) fn to_value(self) -> Value {
        match self {
            Self::Map(map) => Value::Object(map.clone()),
            Self::Value(value) => value.clone(),
        }
    }

    pub(super) fn is_true(self) -> bool {
        match self {
            Self::Map(map) | Self::Value(Value::Object(map)) => !map.is_empty(),
            Self::Value(Value::Null) => false,
            Self::Value(Value::Bool(b)) => *b,
            Self::Value(Value::Number(n)) => n.as_f64() != Some(0.0),
            Self::Value(Value::String(s)) => !s.is_empty(),
            Self::Value(Value::Array(items)) => !items.is_empty(),
        }
    }

    pub(super) fn write(self, text: &mut String) {
        match self {
            Self::Map(_) => write_plain(&self.to_value(), text),
            Self::Value(value) => write_plain(value, text),
        }
    }
}

/// A scope, and `it` where there is one.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) it: Option<&'a Value>,
}

impl<'a> Names<'a> {
    pub(super) fn root(self, name: &str) -> Option<View<'a>> {
        let scope = self.scope;
        Some(match name {
            "inputs" => View::Map(&scope.inputs),
            "vars" => View::Map(&scope.vars),
            "matrix" => View::Map(&scope.matrix),
            "steps" => View::Map(&scope.steps),
            "case" => View::Value(&scope.case),
            "run" => View::Value(&scope.run),
            "node" => View::Value(&scope.node),
            "env" => View::Map(&scope.env),
            "it" => View::Value(self.it?),
            _ => return None,
        })
    }
}
