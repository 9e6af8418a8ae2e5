use aei_core::runner::{StepContext, StepError, StepErrorKind, StepRunner};

use super::outcome::Outcome;
use super::params::Params;
use super::run::run;

/// Runs `http` steps.
#[derive(Debug, Clone, Copy, Default)]
pub struct Http;

impl StepRunner for Http {
    const KIND: &'static str = "http";
    const EXAMPLE: &'static str = "\
uses: http
with:
  method: POST
  url: http://127.0.0.1:8080/login
  json: { user: ann, password: secret }
expect:
  - { that: status, equals: 200 }
  - { that: json.token, matches: \"^[a-f0-9]{32}$\" }
capture: { token: json.token }
";
    const DEFAULT_CHECKS: &'static str = r#"[{"that": "status", "lt": 400}]"#;

    type Params = Params;
    type Outcome = Outcome;

    async fn run(&self, params: Params, cx: &StepContext) -> Result<Outcome, StepError> {
        tokio::select! {
            biased;
            result = run(params, cx) => result,
            () = cx.cancel.cancelled() => Err(StepError::new(
                StepErrorKind::Cancelled,
                "interrupted before the response was complete",
            )),
        }
    }
}
