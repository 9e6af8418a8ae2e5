use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

use crate::event::{CaseRole, Limits, Phase, Status};
use crate::report::OutputText;
use crate::template::Operator;

/// A text that borrows from the JSON it was read from, if it holds no escapes.
#[derive(Debug, Clone, Default)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;
        impl<'de> Visitor<'de> for AnyText {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(AnyText)
    }
}

/// What the page needs of a [`CaseReport`](crate::report::CaseReport).
#[derive(Debug, serde::Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names of the report")]
pub(super) struct Case<'a> {
    pub(super) case: u32,
    pub(super) suite: u32,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    #[serde(default)]
    pub(super) role: CaseRole,
    #[serde(default)]
    pub(super) tags: Vec<Text<'a>>,
    pub(super) matrix: Option<&'a RawValue>,
    pub(super) location: Option<Location<'a>>,
    pub(super) status: Status,
    #[serde(default)]
    pub(super) flaky: bool,
    pub(super) reason: Option<Text<'a>>,
    pub(super) started_at: DateTime<Utc>,
    pub(super) duration_us: u64,
    #[serde(default)]
    pub(super) steps: Vec<Step<'a>>,
    #[serde(default)]
    pub(super) earlier: Vec<Attempt<'a>>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Location<'a> {
    #[serde(borrow)]
    pub(super) file: Text<'a>,
    pub(super) line: u32,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Attempt<'a> {
    pub(super) status: Status,
    #[serde(borrow)]
    pub(super) reason: Option<Text<'a>>,
    pub(super) duration_us: u64,
    #[serde(default)]
    pub(super) steps: Vec<Step<'a>>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Step<'a> {
    #[serde(default)]
    pub(super) phase: Phase,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    pub(super) uses: Text<'a>,
    pub(super) location: Option<Location<'a>>,
    pub(super) status: Status,
    pub(super) duration_us: u64,
    #[serde(default)]
    pub(super) attempts: u32,
    #[serde(default)]
    pub(super) checks: Vec<Check<'a>>,
    pub(super) failure: Option<Failure<'a>>,
    pub(super) outcome: Option<&'a RawValue>,
    pub(super) captured: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) output: Vec<OutputText>,
    #[serde(default)]
    pub(super) artifacts: Vec<Artifact<'a>>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Check<'a> {
    #[serde(borrow)]
    pub(super) that: Text<'a>,
    pub(super) operator: Operator,
    pub(super) passed: bool,
    pub(super) name: Option<Text<'a>>,
    pub(super) expected: &'a RawValue,
    #[serde(default, deserialize_with = "present")]
    pub(super) actual: Option<&'a RawValue>,
    pub(super) message: Option<Text<'a>>,
    pub(super) diff: Option<Text<'a>>,
    pub(super) measurement: Option<Measurement<'a>>,
    pub(super) location: Option<Location<'a>>,
}

/// `null` found is not the same as nothing found.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Measurement<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    pub(super) value: Option<f64>,
    pub(super) unit: Option<Text<'a>>,
    #[serde(default)]
    pub(super) limits: Limits,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Failure<'a> {
    #[serde(borrow)]
    pub(super) message: Text<'a>,
    pub(super) help: Option<Text<'a>>,
    pub(super) location: Option<Location<'a>>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Artifact<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    pub(super) media_type: Text<'a>,
    pub(super) path: Text<'a>,
    pub(super) size: u64,
}
