//! How much a `shell` step costs beyond starting its program: `shell_loop [STEPS] [PROGRAM]`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aei_core::host::{Host, HostError};
use aei_core::runner::{
    ArtifactError, ArtifactSink, Cancel, OutputSink, OutputStream, StepContext,
};
use aei_runner::runners::builtin;
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

const ROUNDS: usize = 7;

#[expect(clippy::print_stdout, reason = "the figures are its output")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let steps: u32 = arguments.next().map_or(Ok(500), |text| text.parse())?;
    let program = arguments.next().unwrap_or_else(|| "/bin/true".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let registry = builtin();
    let shell = registry.get("shell").ok_or("this build has no shell runner")?;
    let cx = context();

    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for _ in 0..steps {
            Command::new(&program).stdin(Stdio::null()).status()?;
        }
        bare.push(started.elapsed());

        let started = Instant::now();
        runtime.block_on(async {
            for _ in 0..steps {
                shell.run(json!({ "argv": [program] }), &cx).await?;
            }
            Ok::<_, Box<dyn std::error::Error>>(())
        })?;
        ours.push(started.elapsed());
    }
    let (bare, ours) = (median(bare), median(ours));
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    println!("{steps} × {program}: bare {bare:?}, shell {ours:?}, ratio {ratio:.3}");
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn context() -> StepContext {
    StepContext {
        identity: aei_core::runner::StepIdentity::default(),
        deadline: None,
        work_dir: std::env::temp_dir(),
        cancel: Arc::new(Nothing),
        output: Arc::new(Nothing),
        artifacts: Arc::new(Nothing),
        case_state: Arc::default(),
        run_state: Arc::default(),
        host: Arc::new(Nothing),
        redactor: Arc::default(),
        policy: Arc::new(aei_core::policy::Open),
    }
}

/// A world in which nothing happens.
struct Nothing;

#[async_trait::async_trait]
impl Cancel for Nothing {
    fn is_cancelled(&self) -> bool {
        false
    }

    async fn cancelled(&self) {
        std::future::pending::<()>().await;
    }
}

impl OutputSink for Nothing {
    fn write(&self, _: OutputStream, _: &[u8]) {}
}

impl ArtifactSink for Nothing {
    fn put(&self, _: &str, _: &str, _: &[u8]) -> Result<(), ArtifactError> {
        Ok(())
    }
}

impl Host for Nothing {
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
        Err(refused("read", path))
    }

    fn write(&self, path: &Path, _: &[u8]) -> Result<(), HostError> {
        Err(refused("write", path))
    }
}

fn refused(action: &'static str, path: &Path) -> HostError {
    let path = path.display().to_string();
    HostError { action, path, reason: "there are no files here".into(), not_found: true }
}
