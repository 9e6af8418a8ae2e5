use std::path::Path;
use std::time::Duration;

use aei_core::runner::{StepContext, StepError, StepErrorKind, StepRunner};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Outcome, Params};
use crate::guard::{Denied, NoAddress, addresses, real_path};
use crate::host::reason;

/// The `wait` runner.
#[derive(Debug, Clone, Copy)]
pub struct Wait;

const UP_TO: Duration = Duration::from_secs(30);

/// Between two looks at a port or a file: short at first, for what is there at once.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

impl StepRunner for Wait {
    const KIND: &'static str = "wait";
    const EXAMPLE: &'static str = "\
uses: wait
with: { port: \"127.0.0.1:8080\", up_to: 10s }
";

    type Params = Params;
    type Outcome = Outcome;

    async fn run(&self, params: Params, cx: &StepContext) -> Result<Outcome, StepError> {
        let started = Instant::now();
        let goal = Goal::of(&params)?;
        tokio::select! {
            reached = goal.reached(params.up_to.map_or(UP_TO, |up_to| up_to.0), cx) => reached?,
            () = cx.cancel.cancelled() => {
                return Err(StepError::new(StepErrorKind::Cancelled, "interrupted while waiting"));
            }
        }
        Ok(Outcome { waited_ms: started.elapsed().as_secs_f64() * 1000.0 })
    }
}

/// What is waited for.
enum Goal<'a> {
    Period(Duration),
    Port(&'a str),
    File(&'a str),
}

impl<'a> Goal<'a> {
    fn of(params: &'a Params) -> Result<Self, StepError> {
        match (params.period, params.port.as_deref(), params.file.as_deref()) {
            (Some(_), None, None) if params.up_to.is_some() => {
                Err(wrong("`up_to` goes with `port` or `file`; `for` alone says how long to wait")
                    .at("/up_to"))
            }
            (Some(period), None, None) => Ok(Self::Period(period.0)),
            (None, Some(port), None) => Ok(Self::Port(port)),
            (None, None, Some(file)) => Ok(Self::File(file)),
            (None, None, None) => Err(wrong("one of `for`, `port` and `file` is needed")),
            _ => Err(wrong("`for`, `port` and `file` exclude each other")
                .help("Write one step for each.")),
        }
    }

    async fn reached(&self, up_to: Duration, cx: &StepContext) -> Result<(), StepError> {
        match self {
            Self::Period(period) => {
                sleep(*period).await;
                Ok(())
            }
            Self::Port(address) => {
                let parts = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
                let parts = parts.and_then(|(host, port)| Some((host, port.parse().ok()?)));
                let (host, port) = parts
                    .ok_or_else(|| wrong(format!("`{address}` is not `host:port`")).at("/port"))?;
                let connect = || connect(host, port, cx);
                let reason = poll(up_to, connect).await.map_err(|refused| refused.at("/port"))?;
                reason.map_err(|reason| {
                    late(format!(
                        "`{address}` accepted no connection within {}: {reason}",
                        words(up_to)
                    ))
                })
            }
            Self::File(file) => {
                let path = cx.work_dir.join(file);
                let exists = || found(&path, cx);
                let reason = poll(up_to, exists).await.map_err(|refused| refused.at("/file"))?;
                reason.map_err(|reason| {
                    late(format!("`{file}` was not there within {}: {reason}", words(up_to)))
                })
            }
        }
    }
}

async fn connect(host: &str, port: u16, cx: &StepContext) -> Result<(), Denied> {
    let addresses = addresses(&*cx.policy, host, port).await.map_err(|error| match error {
        NoAddress::Refused(refusal) => Denied::Refused(refusal),
        NoAddress::Unknown(error) => Denied::Io(error),
    })?;
    TcpStream::connect(&*addresses).await?;
    Ok(())
}

async fn found(path: &Path, cx: &StepContext) -> Result<(), Denied> {
    if !cx.policy.is_open() {
        // Links may change while it waits.
        cx.policy.check_read(&real_path(path))?;
    }
    tokio::fs::metadata(path).await?;
    Ok(())
}

/// Tries until it works or the time is up; then the last reason why it did not work. What is
/// refused stays refused.
async fn poll<F: Future<Output = Result<(), Denied>>>(
    up_to: Duration,
    attempt: impl Fn() -> F,
) -> Result<Result<(), String>, StepError> {
    let end = Instant::now() + up_to;
    let mut pause = FIRST_PAUSE;
    let mut why = "no answer".to_owned();
    loop {
        match timeout_at(end, attempt()).await {
            Ok(Ok(())) => return Ok(Ok(())),
            Ok(Err(Denied::Refused(refusal))) => return Err(refusal.into()),
            Ok(Err(Denied::Io(error))) => why = reason(&error),
            Err(_) => return Ok(Err(why)),
        }
        if timeout_at(end, sleep(pause)).await.is_err() {
            return Ok(Err(why));
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn words(period: Duration) -> String {
    aei_core::template::Period(period).to_string()
}

fn wrong(message: impl Into<String>) -> StepError {
    StepError::new(StepErrorKind::InvalidParams, message)
}

fn late(message: String) -> StepError {
    StepError::new(StepErrorKind::TimedOut, message)
}
