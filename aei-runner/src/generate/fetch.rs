use std::sync::Arc;

use aei_core::redact::Redactor;
use aei_core::runner::{
    ArtifactError, ArtifactSink, Cancel, OutputSink, OutputStream, State, StepContext,
    StepIdentity, StepRunner,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::Url;

use super::GenerateError;
use crate::host::LocalHost;
use crate::runners::http::{Http, Params};

/// Fetches a document. Blocks; not to be called inside a runtime.
pub fn fetch(url: &Url) -> Result<Vec<u8>, GenerateError> {
    let failed = |reason: String| GenerateError::Fetch { url: url.to_string(), reason };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let params = json!({
        "url": url.as_str(),
        "headers": { "Accept": "application/json, application/yaml, */*;q=0.8" },
        "max_body": "64MiB",
        "read_timeout": "60s"
    });
    let params: Params =
        serde_json::from_value(params).map_err(|error| failed(error.to_string()))?;
    let outcome = runtime
        .block_on(async { Http.run(params, &context()).await })
        .map_err(|error| failed(error.to_string()))?;
    if outcome.status >= 400 {
        return Err(failed(format!("the server answered {} {}", outcome.status, outcome.reason)));
    }
    match (outcome.text, outcome.base64) {
        (Some(text), _) => Ok(text.into_bytes()),
        (None, Some(text)) => STANDARD.decode(text).map_err(|error| failed(error.to_string())),
        (None, None) => Err(failed("the response is empty".to_owned())),
    }
}

fn context() -> StepContext {
    StepContext {
        identity: StepIdentity::default(),
        deadline: None,
        work_dir: std::path::PathBuf::new(),
        cancel: Arc::new(Alone),
        output: Arc::new(Alone),
        artifacts: Arc::new(Alone),
        case_state: Arc::new(State::default()),
        run_state: Arc::new(State::default()),
        host: Arc::new(LocalHost),
        redactor: Arc::new(Redactor::default()),
        policy: Arc::new(aei_core::policy::Open),
    }
}

/// The surroundings of a request that belongs to no run.
struct Alone;

#[async_trait::async_trait]
impl Cancel for Alone {
    fn is_cancelled(&self) -> bool {
        false
    }

    async fn cancelled(&self) {
        std::future::pending::<()>().await;
    }
}

impl OutputSink for Alone {
    fn write(&self, _: OutputStream, _: &[u8]) {}
}

impl ArtifactSink for Alone {
    fn put(&self, _: &str, _: &str, _: &[u8]) -> Result<(), ArtifactError> {
        Ok(())
    }
}
