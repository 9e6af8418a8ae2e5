use std::borrow::Cow;

use aei_core::template::{ByteSize, Period};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

/// Runs a program or a line of the shell.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-one-of-keys" = ["run", "argv"]))]
pub struct Params {
    /// A line, or several, for the shell: pipes, variables and `&&` work.
    #[serde(default)]
    pub run: Option<String>,
    /// A program and its arguments, started directly: nothing is split, expanded or quoted.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub argv: Option<Vec<Word>>,
    /// The shell that `run` is given to, as `<shell> -c <run>`. Default: `/bin/sh`.
    #[serde(default)]
    pub shell: Option<String>,
    /// The folder to run in, relative to the folder of the template. Default: that folder.
    #[serde(default)]
    pub cwd: Option<String>,
    /// Environment variables to set; `null` takes one away.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, Option<Word>>")]
    pub env: Map<String, Value>,
    /// Starts from an empty environment instead of AEI's own.
    #[serde(default)]
    pub clean_env: bool,
    /// A text for standard input. Without any of the `stdin` keys, standard input is empty.
    #[serde(default)]
    pub stdin: Option<String>,
    /// A value for standard input, as JSON.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub stdin_json: Option<Value>,
    /// A file for standard input, relative to the folder of the template.
    #[serde(default)]
    pub stdin_file: Option<String>,
    /// How much of each of standard output and standard error is kept; the program runs on when
    /// it prints more. Default: 1MiB.
    #[serde(default)]
    pub max_output: Option<ByteSize>,
    /// How long the program may go on after it was told to end (SIGTERM) by a timeout or a cancel,
    /// before it is killed (SIGKILL). Default: 2s; at most 4s.
    #[serde(default)]
    pub kill_after: Option<Period>,
}

/// `null` is a value to send, not the absence of one.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A text; numbers and booleans are taken as they are written, so that `[sleep, 5]` needs no
/// quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(pub String);

impl Word {
    /// The word that a value spells, if it is a scalar.
    pub(super) fn of(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self(text)),
            Value::Number(number) => Some(Self(number.to_string())),
            Value::Bool(flag) => Some(Self(flag.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::of(value).ok_or_else(|| de::Error::custom("a text, a number or a boolean is needed"))
    }
}

impl JsonSchema for Word {
    fn schema_name() -> Cow<'static, str> {
        "Word".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}
