use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use std::borrow::Cow;

use crate::source::{Node, NodeValue, Span, Spanned};

/// One entry of `expect`: a selector and what must hold of the value it finds.
#[derive(Debug, Clone)]
pub struct Check {
    /// The selector: a dotted name or RFC 9535 JSONPath.
    pub that: Spanned<Box<str>>,
    /// A name for people.
    pub name: Option<Box<str>>,
    /// The unit of the measured value, such as `V` or `ms`.
    pub unit: Option<Box<str>>,
    /// Records the value as a measurement of this name, with the operators' limits.
    pub measure: Option<Box<str>>,
    /// The operators with their operands, in the order written. All of them must hold.
    pub operators: Box<[(Operator, Node)]>,
    /// Where the entry starts.
    pub span: Span,
}

macro_rules! operators {
    ($($(#[doc = $doc:literal])+ $variant:ident $key:literal : $field:ident : $operand:ty,)+) => {
        /// What must hold of a selected value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Operator { $($(#[doc = $doc])+ $variant,)+ }

        impl Operator {
            /// All operators, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The key that a template spells it with.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// The operator of a key.
            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$variant),)+ _ => None }
            }
        }

        /// The grammar of [`Check`], for schema and reference.
        #[derive(JsonSchema, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[schemars(rename = "Check")]
        #[allow(dead_code)] // Never built: its fields are the schema of `Check`.
        pub struct CheckEntry {
            /// What to look at in the outcome: a dotted name such as `json.items[0].id`, or
            /// RFC 9535 JSONPath such as `$.json.items[?@.price < 10].id`.
            that: String,
            /// A name for people.
            #[serde(default)]
            name: Option<String>,
            /// The unit of the value, such as `V` or `ms`.
            #[serde(default)]
            unit: Option<String>,
            /// Records the value as a measurement of this name, with the operators' limits.
            #[serde(default)]
            measure: Option<String>,
            $($(#[doc = $doc])+ #[serde(default, rename = $key)] $field: Option<$operand>,)+
        }
    };
}

operators! {
    /// The value is the same, numbers by value, maps whatever their order.
    Equals "equals": equals: Value,
    /// The value is another.
    NotEquals "not_equals": not_equals: Value,
    /// A text holds this text, a list holds this element, a map holds these entries.
    Contains "contains": contains: Value,
    /// The opposite of `contains`.
    NotContains "not_contains": not_contains: Value,
    /// A text begins with this.
    StartsWith "starts_with": starts_with: String,
    /// A text ends with this.
    EndsWith "ends_with": ends_with: String,
    /// A text matches this regular expression anywhere (`^` and `$` anchor it).
    Matches "matches": matches: String,
    /// Less than; numbers, or texts by code points.
    Lt "lt": lt: Value,
    /// Less than or equal.
    Le "le": le: Value,
    /// Greater than.
    Gt "gt": gt: Value,
    /// Greater than or equal.
    Ge "ge": ge: Value,
    /// From the first to the second, both allowed.
    Between "between": between: (Value, Value),
    /// The value is one of these.
    In "in": in_list: Vec<Value>,
    /// The value is none of these.
    NotIn "not_in": not_in: Vec<Value>,
    /// The number of characters, elements or entries; a number, or operators for it such as `{ gt: 3 }`.
    Length "length": length: Value,
    /// The type: `null`, `boolean`, `integer`, `number`, `string`, `list` or `map`.
    Is "is": is: String,
    /// Whether the selector finds anything.
    Exists "exists": exists: bool,
    /// Whether there is nothing in it: nothing found, `null`, `""`, `[]` or `{}`.
    Empty "empty": empty: bool,
    /// The value fits a JSON Schema, given inline or as the name of a file.
    Schema "schema": schema: Value,
    /// A number within a tolerance, given as a number or as a percentage such as `5%`.
    Approx "approx": approx: Approx,
    /// The value is the one stored under this name beside the template; `--update-snapshots`
    /// stores it anew.
    Snapshot "snapshot": snapshot: String,
    /// An expression over `it`, the value, that must be true, such as `it > 3 and it < 9`.
    Satisfies "satisfies": satisfies: String,
}

/// A number and how far off it may be.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // Read through `Node`; these fields are its schema.
pub(crate) struct Approx {
    /// The number to be near to.
    value: Value,
    /// The largest difference allowed: a number, or a percentage of `value` such as `5%`.
    tolerance: Value,
}

impl JsonSchema for Check {
    fn schema_name() -> Cow<'static, str> {
        "Check".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        CheckEntry::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Check {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        let NodeValue::Map(entries) = node.value else {
            return Err(de::Error::custom("a check is a map with `that` and an operator"));
        };
        let mut check = Self {
            that: Spanned::default(),
            name: None,
            unit: None,
            measure: None,
            operators: Box::default(),
            span: node.span,
        };
        let mut operators = Vec::with_capacity(1);
        for (key, operand) in entries {
            if let Some(operator) = Operator::from_key(&key.name) {
                operators.push((operator, operand));
                continue;
            }
            let Some(text) = operand.as_str() else {
                return Err(de::Error::custom(format_args!("`{}` is a string", key.name)));
            };
            match key.name.as_str() {
                "that" => check.that = Spanned::new(text.into(), operand.span),
                "name" => check.name = Some(text.into()),
                "unit" => check.unit = Some(text.into()),
                "measure" => check.measure = Some(text.into()),
                other => {
                    return Err(de::Error::custom(format_args!("unknown operator `{other}`")));
                }
            }
        }
        check.operators = operators.into_boxed_slice();
        Ok(check)
    }
}
