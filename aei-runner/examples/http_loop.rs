//! What one `http` step costs beside a bare blocking socket, in one process.
//!
//! `cargo run --release --example http_loop http://127.0.0.1:8080/ 1000`

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aei_core::host::{Host, HostError};
use aei_core::redact::Redactor;
use aei_core::runner::{
    ArtifactError, ArtifactSink, Cancel, OutputSink, OutputStream, StepContext, StepIdentity,
};
use aei_runner::runners::builtin;
use async_trait::async_trait;

struct Nothing;

#[async_trait]
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
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::UNIX_EPOCH
    }
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }
    fn random_int(&self, low: i64, _: i64) -> i64 {
        low
    }
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn read(&self, path: &std::path::Path) -> Result<Vec<u8>, HostError> {
        Err(HostError {
            action: "read",
            path: path.display().to_string(),
            reason: "there are no files here".to_owned(),
            not_found: true,
        })
    }
    fn write(&self, path: &std::path::Path, _: &[u8]) -> Result<(), HostError> {
        self.read(path).map(drop)
    }
}

fn context() -> StepContext {
    StepContext {
        identity: StepIdentity::default(),
        deadline: None,
        work_dir: ".".into(),
        cancel: Arc::new(Nothing),
        output: Arc::new(Nothing),
        artifacts: Arc::new(Nothing),
        case_state: Arc::default(),
        run_state: Arc::default(),
        host: Arc::new(Nothing),
        redactor: Arc::new(Redactor::default()),
        policy: Arc::new(aei_core::policy::Open),
    }
}

fn socket(url: &url::Url, count: u32) -> anyhow::Result<Duration> {
    let address = url.socket_addrs(|| None)?;
    let mut tcp = TcpStream::connect(&address[..])?;
    tcp.set_nodelay(true)?;
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", url.path(), url.authority());
    let mut buffer = [0; 8192];
    let start = Instant::now();
    for _ in 0..count {
        tcp.write_all(request.as_bytes())?;
        anyhow::ensure!(tcp.read(&mut buffer)? > 0, "the server hung up");
    }
    Ok(start.elapsed())
}

async fn steps(url: &str, count: u32) -> anyhow::Result<Duration> {
    let registry = builtin();
    let runner = registry.get("http").ok_or_else(|| anyhow::anyhow!("no http runner"))?;
    let cx = context();
    let with = serde_json::json!({ "base_url": url, "url": "/" });
    let start = Instant::now();
    for _ in 0..count {
        let outcome = runner.run(with.clone(), &cx).await?;
        anyhow::ensure!(outcome["status"] == 200, "{outcome}");
    }
    let elapsed = start.elapsed();
    cx.case_state.close().await;
    Ok(elapsed)
}

#[expect(clippy::print_stdout, reason = "its output is what it is for")]
fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or_else(|| "http://127.0.0.1:8080/".to_owned());
    let count: u32 = args.next().map_or(Ok(1000), |count| count.parse())?;
    let parsed = url::Url::parse(&url)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for _ in 0..5 {
        let bare = socket(&parsed, count)?;
        let rooted = runtime.block_on(steps(&url, count))?;
        let name = url.clone();
        let spawned = runtime.block_on(async move {
            tokio::spawn(async move { steps(&name, count).await }).await
        })??;
        println!(
            "per request: bare socket {:?}, http step {:?}, in a task {:?}",
            bare / count,
            rooted / count,
            spawned / count
        );
    }
    Ok(())
}
