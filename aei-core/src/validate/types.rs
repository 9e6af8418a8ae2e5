use serde_json::Value;

use crate::source::{Node, NodeValue};

/// A set of the types that a node can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u8);

const NAMES: [(Types, &str); 7] = [
    (Types::STRING, "a string"),
    (Types::NUMBER, "a number"),
    (Types::INT, "a whole number"),
    (Types::BOOL, "`true` or `false`"),
    (Types::LIST, "a list"),
    (Types::MAP, "a map"),
    (Types::NULL, "null"),
];

impl Types {
    pub(super) const NONE: Self = Self(0);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOL: Self = Self(2);
    pub(super) const INT: Self = Self(4);
    pub(super) const NUMBER: Self = Self(4 | 8);
    pub(super) const STRING: Self = Self(16);
    pub(super) const LIST: Self = Self(32);
    pub(super) const MAP: Self = Self(64);
    pub(super) const ALL: Self = Self(127);

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` are in this.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn fits(self, node: &Node) -> bool {
        let bit = match node.value {
            NodeValue::Null => 1,
            NodeValue::Bool(_) => 2,
            NodeValue::Int(_) => 4,
            NodeValue::Float(_) => 8,
            NodeValue::String(_) => 16,
            NodeValue::List(_) => 32,
            NodeValue::Map(_) => 64,
        };
        self.0 & bit != 0
    }

    /// The types of a schema's `type`: one name or a list of them.
    pub(super) fn of_schema(value: &Value) -> Self {
        match value {
            Value::String(name) => Self::of_name(name),
            Value::Array(names) => {
                names.iter().filter_map(Value::as_str).map(Self::of_name).fold(Self::NONE, Self::or)
            }
            _ => Self::ALL,
        }
    }

    fn of_name(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOL,
            "integer" => Self::INT,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::LIST,
            "object" => Self::MAP,
            _ => Self::ALL,
        }
    }

    /// The type of a value of `enum` or `const`.
    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOL,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::LIST,
            Value::Object(_) => Self::MAP,
        }
    }

    /// The set in words. `null` goes without saying.
    pub(super) fn names(self) -> Vec<&'static str> {
        let mut rest = if self == Self::NULL { self } else { self.without(Self::NULL) };
        let mut names = Vec::new();
        for (types, name) in NAMES {
            if rest.has(types) {
                names.push(name);
                rest = rest.without(types);
            }
        }
        names
    }
}

impl Default for Types {
    fn default() -> Self {
        Self::ALL
    }
}
