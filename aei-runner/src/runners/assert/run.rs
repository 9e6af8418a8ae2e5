use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aei_core::runner::{DynStepRunner, RunnerSpec, StepContext, StepError};
use async_trait::async_trait;
use serde_json::{Map, Value, json};

/// The `assert` runner.
///
/// It is a [`DynStepRunner`] itself, since its types are "any map": nothing is decoded, checked or
/// copied on the way.
#[derive(Debug, Default)]
pub struct Assert {
    spec: OnceLock<RunnerSpec>,
}

const SUMMARY: &str = "Does nothing: its outcome is its `with`, for checks over captures, inputs \
and the outcomes of earlier steps.";

const EXAMPLE: &str = "\
uses: assert
with:
  total: ${{ vars.price * vars.count }}
  user: ${{ steps.login.json.user }}
expect:
  - { that: total, le: 100 }
  - { that: user.name, equals: ann }
";

impl Assert {
    /// A runner to register.
    pub fn shared() -> Arc<dyn DynStepRunner> {
        Arc::new(Self::default())
    }
}

fn any_map(description: &str) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "description": description,
        "additionalProperties": true
    })
}

#[async_trait]
impl DynStepRunner for Assert {
    fn spec(&self) -> &RunnerSpec {
        self.spec.get_or_init(|| RunnerSpec {
            kind: "assert".to_owned(),
            summary: SUMMARY.to_owned(),
            example: EXAMPLE.to_owned(),
            params: any_map(SUMMARY),
            outcome: any_map("What `with` holds, its expressions evaluated."),
            default_checks: Vec::new(),
            grace: Duration::ZERO,
        })
    }

    async fn run(&self, with: Value, _cx: &StepContext) -> Result<Value, StepError> {
        Ok(if with.is_null() { Value::Object(Map::new()) } else { with })
    }
}
