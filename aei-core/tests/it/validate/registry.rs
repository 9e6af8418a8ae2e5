//! Runners that exist for their schemas only.

use std::collections::BTreeMap;

use aei_core::runner::{Registry, StepContext, StepError, StepRunner};
use aei_core::template::{ByteSize, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Fetches a page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is looked at")]
pub(crate) struct FetchParams {
    /// Where to.
    url: String,
    /// The verb.
    #[serde(default)]
    method: Method,
    /// What to send along.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// How often to follow.
    #[serde(default)]
    redirects: Option<u32>,
    /// Whether to look at certificates.
    #[serde(default)]
    verify: bool,
    /// Who asks.
    #[serde(default)]
    auth: Option<Auth>,
    /// How long to wait for the connection.
    #[serde(default)]
    connect_timeout: Option<Period>,
    /// The largest body taken.
    #[serde(default)]
    max_body: Option<ByteSize>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    /// Reads.
    #[default]
    Get,
    /// Writes.
    Post,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is looked at")]
enum Auth {
    /// A token.
    Bearer(String),
    /// A name and a password.
    Basic { user: String, password: String },
}

/// What came back.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FetchOutcome {
    /// The status code.
    status: u16,
    /// The headers.
    headers: BTreeMap<String, String>,
    /// The body, when it is JSON.
    json: Option<Value>,
    /// How long each part took.
    timings: Timings,
}

#[derive(Serialize, JsonSchema)]
struct Timings {
    /// The whole.
    total_ms: f64,
}

pub(crate) struct Fetch;

impl StepRunner for Fetch {
    const KIND: &'static str = "fetch";
    const EXAMPLE: &'static str = "uses: fetch\nwith: { url: /health }\n";
    const DEFAULT_CHECKS: &'static str = r#"[{"that": "status", "lt": 400}]"#;
    type Params = FetchParams;
    type Outcome = FetchOutcome;

    async fn run(&self, _: FetchParams, _: &StepContext) -> Result<FetchOutcome, StepError> {
        unreachable!("nothing runs here")
    }
}

/// Gives back what it is given.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct EchoParams {
    #[serde(flatten)]
    values: Map<String, Value>,
}

pub(crate) struct Echo;

impl StepRunner for Echo {
    const KIND: &'static str = "echo";
    type Params = EchoParams;
    type Outcome = Map<String, Value>;

    async fn run(&self, with: EchoParams, _: &StepContext) -> Result<Self::Outcome, StepError> {
        Ok(with.values)
    }
}

pub(crate) fn registry() -> Registry {
    let mut registry = Registry::empty();
    registry.register(Fetch).register(Echo);
    registry
}
