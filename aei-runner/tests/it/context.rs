//! What a step gets from the engine, for tests of single runners.

#![allow(dead_code, reason = "not every build has every runner")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use aei_core::host::{Host, HostError};
use aei_core::redact::Redactor;
use aei_core::runner::{
    ArtifactError, ArtifactSink, Cancel, OutputSink, OutputStream, State, StepContext, StepError,
    StepIdentity,
};
use aei_runner::runners::builtin;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

/// A step context whose cancellation, output and artifacts are in the test's hands.
pub(crate) struct Bench {
    pub(crate) cx: StepContext,
    pub(crate) output: Arc<Output>,
    pub(crate) artifacts: Arc<Artifacts>,
    cancel: watch::Sender<bool>,
}

impl Bench {
    /// A bench whose relative paths start in `work_dir`.
    pub(crate) fn new(work_dir: &Path) -> Self {
        let (cancel, fired) = watch::channel(false);
        let output = Arc::new(Output::default());
        let artifacts = Arc::new(Artifacts::default());
        let cx = StepContext {
            identity: StepIdentity { case: "case".into(), step: "step".into(), attempt: 1 },
            deadline: None,
            work_dir: work_dir.to_owned(),
            cancel: Arc::new(Switch(fired)),
            output: output.clone(),
            artifacts: artifacts.clone(),
            case_state: Arc::default(),
            run_state: Arc::new(State::default()),
            host: Arc::new(Disk),
            redactor: Arc::new(Redactor::default()),
            policy: Arc::new(aei_core::policy::Open),
        };
        Self { cx, output, artifacts, cancel }
    }

    /// Tells the step to stop.
    pub(crate) fn cancel(&self) {
        self.cancel.send_replace(true);
    }

    /// Runs a step of a kind.
    pub(crate) async fn run(&self, kind: &str, with: Value) -> Result<Value, StepError> {
        let registry = builtin();
        registry.get(kind).expect(kind).run(with, &self.cx).await
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new(&std::env::temp_dir())
    }
}

struct Switch(watch::Receiver<bool>);

#[async_trait]
impl Cancel for Switch {
    fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    async fn cancelled(&self) {
        if self.0.clone().wait_for(|fired| *fired).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// All output of a step.
#[derive(Default)]
pub(crate) struct Output {
    chunks: Mutex<Vec<(OutputStream, Vec<u8>)>>,
    arrived: Notify,
}

impl Output {
    /// The chunks as they came.
    pub(crate) fn chunks(&self) -> Vec<(OutputStream, Vec<u8>)> {
        self.chunks.lock().unwrap().clone()
    }

    /// What a stream has printed.
    pub(crate) fn text(&self, stream: OutputStream) -> String {
        let chunks = self.chunks.lock().unwrap();
        let bytes = chunks.iter().filter(|(s, _)| *s == stream).flat_map(|(_, c)| c.clone());
        String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
    }

    /// Waits until a stream has printed `text`; what it has printed by then.
    pub(crate) async fn wait_for(&self, stream: OutputStream, text: &str) -> String {
        loop {
            let arrived = self.arrived.notified();
            let so_far = self.text(stream);
            if so_far.contains(text) {
                return so_far;
            }
            arrived.await;
        }
    }
}

impl OutputSink for Output {
    fn write(&self, stream: OutputStream, chunk: &[u8]) {
        self.chunks.lock().unwrap().push((stream, chunk.to_vec()));
        self.arrived.notify_one();
    }
}

/// The artifacts of a step: media type and content by name.
#[derive(Default)]
pub(crate) struct Artifacts(pub(crate) Mutex<BTreeMap<String, (String, Vec<u8>)>>);

impl ArtifactSink for Artifacts {
    fn put(&self, name: &str, media_type: &str, content: &[u8]) -> Result<(), ArtifactError> {
        let entry = (media_type.to_owned(), content.to_vec());
        self.0.lock().unwrap().insert(name.to_owned(), entry);
        Ok(())
    }
}

/// A host with real files and nothing random.
struct Disk;

impl Host for Disk {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn random_int(&self, low: i64, _: i64) -> i64 {
        low
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        std::fs::read(path).map_err(|error| HostError {
            action: "read",
            path: path.display().to_string(),
            not_found: error.kind() == std::io::ErrorKind::NotFound,
            reason: error.to_string(),
        })
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HostError> {
        std::fs::write(path, content).map_err(|error| HostError {
            action: "write",
            path: path.display().to_string(),
            not_found: false,
            reason: error.to_string(),
        })
    }
}
