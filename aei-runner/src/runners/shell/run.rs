use std::future::Future;
use std::pin::{Pin, pin};
use std::process::ExitStatus;
use std::time::Duration;

use aei_core::runner::{OutputStream, StepContext, StepError, StepErrorKind, StepRunner};
use serde_json::Value;
use tokio::process::Child;
use tokio::time::{Instant, timeout};

use super::capture::Capture;
use super::command::Launch;
use super::group::Group;
use super::stream::{feed, pump};
use super::{Outcome, Params};

/// The `shell` runner.
#[derive(Debug, Clone, Copy)]
pub struct Shell;

const MAX_OUTPUT: u64 = 1 << 20;
const KILL_AFTER: Duration = Duration::from_secs(2);
/// Less than the grace, so that there is time to kill and to report.
const LONGEST_KILL_AFTER: Duration = Duration::from_secs(4);

/// How long what a program started may go on after the program itself has ended: a `tee` at the
/// end of a pipe still has lines to write.
const LINGER: Duration = Duration::from_millis(250);

impl StepRunner for Shell {
    const KIND: &'static str = "shell";
    const EXAMPLE: &'static str = "\
uses: shell
with:
  run: ./report --format json | head -c 1000
  env: { LANG: C }
expect:
  - { that: stdout_json.total, gt: 0 }
  - { that: stderr, empty: true }
";
    const DEFAULT_CHECKS: &'static str = r#"[{"that": "exit_code", "equals": 0}]"#;
    const GRACE: Duration = Duration::from_secs(5);

    type Params = Params;
    type Outcome = Outcome;

    async fn run(&self, mut params: Params, cx: &StepContext) -> Result<Outcome, StepError> {
        let kill_after = kill_after(&params)?;
        let limit = usize::try_from(params.max_output.map_or(MAX_OUTPUT, |size| size.0))
            .unwrap_or(usize::MAX);
        let launch = Launch::new(&mut params, cx)?;
        let started = Instant::now();
        let (mut child, mut group, text) = launch.spawn(&cx.run_state)?;

        let (mut out, mut err) = (Capture::new(limit), Capture::new(limit));
        let output = &*cx.output;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let end = {
            let mut io = pin!(async {
                tokio::join!(
                    feed(stdin, &text),
                    pump(stdout, &mut out, output, OutputStream::Stdout),
                    pump(stderr, &mut err, output, OutputStream::Stderr),
                );
            });
            let mut io = Io { io: io.as_mut(), done: false };
            follow(&mut child, &mut group, &mut io, kill_after, cx).await?
        };

        let outcome = outcome(end.status, out, err, started);
        if end.interrupted { Err(interrupted(&outcome, cx)) } else { Ok(outcome) }
    }
}

fn kill_after(params: &Params) -> Result<Duration, StepError> {
    let asked = params.kill_after.map_or(KILL_AFTER, |period| period.0);
    if asked > LONGEST_KILL_AFTER {
        let message = "`kill_after` is at most 4s";
        return Err(StepError::new(StepErrorKind::InvalidParams, message).at("/kill_after"));
    }
    Ok(asked)
}

/// The traffic on the child's pipes, which goes on beside everything else.
struct Io<'a, F> {
    io: Pin<&'a mut F>,
    done: bool,
}

impl<F: Future<Output = ()>> Io<'_, F> {
    /// Carries on with the traffic while `other` is awaited.
    async fn beside<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = pin!(other);
        loop {
            tokio::select! {
                biased;
                result = &mut other => return result,
                () = &mut self.io, if !self.done => self.done = true,
            }
        }
    }

    async fn finish(&mut self) {
        if !self.done {
            self.io.as_mut().await;
            self.done = true;
        }
    }
}

struct End {
    status: Option<ExitStatus>,
    interrupted: bool,
}

/// Stays with the child until nothing of it is left.
async fn follow<F: Future<Output = ()>>(
    child: &mut Child,
    group: &mut Group,
    io: &mut Io<'_, F>,
    kill_after: Duration,
    cx: &StepContext,
) -> Result<End, StepError> {
    let exited = io
        .beside(async {
            tokio::select! {
                biased;
                () = cx.cancel.cancelled() => None,
                status = child.wait() => Some(status),
            }
        })
        .await;
    let Some(status) = exited else {
        stop(group, io, kill_after).await;
        let status = io.beside(timeout(LINGER, child.wait())).await;
        group.close();
        return Ok(End { status: status.ok().and_then(Result::ok), interrupted: true });
    };
    let status = status.map_err(|error| {
        StepError::new(StepErrorKind::Io, format!("cannot wait for the program: {error}"))
    })?;
    let interrupted = settle(group, io, kill_after, cx).await;
    group.close();
    Ok(End { status: Some(status), interrupted })
}

/// After the program has ended: lets its pipes run dry and ends what it has left behind.
/// Whether this was interrupted.
async fn settle<F: Future<Output = ()>>(
    group: &mut Group,
    io: &mut Io<'_, F>,
    kill_after: Duration,
    cx: &StepContext,
) -> bool {
    let over = group.over();
    if over && io.done {
        return false;
    }
    let until = Instant::now() + LINGER;
    let lingering = async {
        if over {
            // Its own children have gone with it; who else holds a pipe has left the group.
            let _ = timeout(LINGER, io.finish()).await;
            io.done
        } else {
            io.beside(group.gone(until)).await
                && (io.done || timeout(LINGER, io.finish()).await.is_ok())
        }
    };
    let (settled, interrupted) = tokio::select! {
        settled = lingering => (settled, false),
        () = cx.cancel.cancelled() => (false, true),
    };
    if !settled {
        let left = stop(group, io, kill_after).await;
        if left > 0 {
            let note = format!("ended {left} process(es) that the program had left behind\n");
            cx.output.write(OutputStream::Log, note.as_bytes());
        }
    }
    interrupted
}

/// Tells everything that belongs to the step to end, then kills it. How many processes it found.
async fn stop<F: Future<Output = ()>>(
    group: &mut Group,
    io: &mut Io<'_, F>,
    kill_after: Duration,
) -> usize {
    let found = group.terminate();
    let until = Instant::now() + kill_after;
    if !io.beside(group.gone(until)).await {
        io.beside(group.kill()).await;
    }
    // What is still in the pipes; a process out of reach may hold them open for ever.
    let _ = timeout(LINGER, io.finish()).await;
    found
}

fn outcome(status: Option<ExitStatus>, out: Capture, err: Capture, started: Instant) -> Outcome {
    let truncated = out.truncated() || err.truncated();
    let stdout_json = if out.truncated() { None } else { out.json() };
    Outcome {
        exit_code: status.and_then(|status| status.code()),
        signal: status.and_then(signal),
        stdout: out.into_text(),
        stderr: err.into_text(),
        stdout_json,
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        truncated,
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    let number = status.signal()?;
    Some(match nix::sys::signal::Signal::try_from(number) {
        Ok(signal) => signal.as_str().to_owned(),
        Err(_) => format!("SIG{number}"),
    })
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<String> {
    None
}

/// The error of a step that was stopped, with what was known by then.
fn interrupted(outcome: &Outcome, cx: &StepContext) -> StepError {
    let late = cx.deadline.is_some_and(|deadline| deadline <= std::time::Instant::now());
    let (kind, message) = if late {
        (StepErrorKind::TimedOut, "the program did not end in time and was stopped")
    } else {
        (StepErrorKind::Cancelled, "the program was stopped")
    };
    StepError::new(kind, message).detail(serde_json::to_value(outcome).unwrap_or(Value::Null))
}
