use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::State;
use crate::host::Host;
use crate::policy::Guard;
use crate::redact::Redactor;

/// Where a step stands and what it may reach. Filled in by the engine.
#[derive(Clone)]
pub struct StepContext {
    /// Which step of which case this is.
    pub identity: StepIdentity,
    /// When the step must be over, if it has a timeout. The engine enforces it; a runner may use
    /// it to word its own limits.
    pub deadline: Option<Instant>,
    /// The folder of the template: relative paths start here.
    pub work_dir: PathBuf,
    /// Fires when the step should stop: a timeout, Ctrl-C, a cancelled run.
    pub cancel: Arc<dyn Cancel>,
    /// Takes output as it appears.
    pub output: Arc<dyn OutputSink>,
    /// Takes files that belong to the report.
    pub artifacts: Arc<dyn ArtifactSink>,
    /// What lives as long as this attempt of the case.
    pub case_state: Arc<State>,
    /// What lives as long as the run.
    pub run_state: Arc<State>,
    /// Clock, ids, environment, files.
    pub host: Arc<dyn Host>,
    /// Knows the secrets of the run. Events are redacted by the engine; a runner needs it only
    /// for what leaves by another way.
    pub redactor: Arc<Redactor>,
    /// Says what the node's policy allows. The engine has asked about the step's kind; a runner
    /// asks about hosts, paths and programs once it knows which they really are.
    pub policy: Arc<dyn Guard>,
}

/// Which step is being carried out.
#[derive(Debug, Clone, Default)]
pub struct StepIdentity {
    /// The case's id, with its matrix values.
    pub case: String,
    /// The step's id, or its position.
    pub step: String,
    /// 1 for the first attempt, counted up by the step's `retry`.
    pub attempt: u32,
}

/// A signal to stop.
#[async_trait]
pub trait Cancel: Send + Sync {
    /// Whether it has fired.
    fn is_cancelled(&self) -> bool;
    /// Waits until it fires.
    async fn cancelled(&self);
}

/// Which of a step's streams.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// What the runner itself has to say.
    Log,
}

/// Takes a step's output live.
pub trait OutputSink: Send + Sync {
    /// A piece of output; never blocks for long. Invalid UTF-8 is shown with replacement marks.
    fn write(&self, stream: OutputStream, chunk: &[u8]);
}

/// Takes files that belong to the report: a screenshot, a capture, a log.
pub trait ArtifactSink: Send + Sync {
    /// Keeps `content` under `name` (a plain file name; a number is added when it is taken).
    fn put(&self, name: &str, media_type: &str, content: &[u8]) -> Result<(), ArtifactError>;
}

/// An artifact that could not be kept.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot keep artifact `{name}`: {reason}")]
pub struct ArtifactError {
    /// The artifact's name.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl std::fmt::Debug for StepContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepContext")
            .field("identity", &self.identity)
            .field("deadline", &self.deadline)
            .field("work_dir", &self.work_dir)
            .finish_non_exhaustive()
    }
}
