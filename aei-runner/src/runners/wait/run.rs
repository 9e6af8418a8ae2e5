use std::path::Path;
use std::time::Duration;

use aei_core::runner::{StepContext, StepError, StepErrorKind, StepRunner};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Outcome, Params};
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
                let connect = || async move { TcpStream::connect(*address).await.map(drop) };
                let reason = poll(up_to, connect).await;
                reason.map_err(|reason| {
                    late(format!(
                        "`{address}` accepted no connection within {}: {reason}",
                        words(up_to)
                    ))
                })
            }
            Self::File(file) => {
                let path = cx.work_dir.join(file);
                let exists = || found(&path);
                let reason = poll(up_to, exists).await;
                reason.map_err(|reason| {
                    late(format!("`{file}` was not there within {}: {reason}", words(up_to)))
                })
            }
        }
    }
}

async fn found(path: &Path) -> std::io::Result<()> {
    tokio::fs::metadata(path).await.map(drop)
}

/// Tries until it works or the time is up; then the last reason why it did not work.
async fn poll<F: Future<Output = std::io::Result<()>>>(
    up_to: Duration,
    attempt: impl Fn() -> F,
) -> Result<(), String> {
    let end = Instant::now() + up_to;
    let mut pause = FIRST_PAUSE;
    let mut why = "no answer".to_owned();
    loop {
        match timeout_at(end, attempt()).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => why = reason(&error),
            Err(_) => return Err(why),
        }
        if timeout_at(end, sleep(pause)).await.is_err() {
            return Err(why);
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn words(period: Duration) -> String {
    aei_core::template::Period(period).to_string()
}

fn wrong(message: &str) -> StepError {
    StepError::new(StepErrorKind::InvalidParams, message)
}

fn late(message: String) -> StepError {
    StepError::new(StepErrorKind::TimedOut, message)
}
