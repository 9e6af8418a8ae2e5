use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aei_runner::CancelToken;

use crate::exit::Stop;

/// Ctrl-C, SIGTERM and SIGHUP: the first cancels the run, the second kills it.
#[derive(Clone)]
pub(super) struct Interrupt(Arc<Mutex<State>>);

struct State {
    current: Option<Current>,
    idle: Option<Sender<()>>,
}

struct Current {
    cancel: CancelToken,
    say: Box<dyn Fn(&str) + Send>,
    count: u32,
}

impl Interrupt {
    /// Listens from now on, in a thread of its own.
    pub(super) fn listen() -> Result<Self, Stop> {
        let cannot = |error| Stop::Infrastructure(format!("cannot listen for signals: {error}"));
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(cannot)?;
        let interrupt = Self(Arc::new(Mutex::new(State { current: None, idle: None })));
        let heard = interrupt.clone();
        let mut signals = {
            let _inside = runtime.enter();
            Signals::new().map_err(cannot)?
        };
        std::thread::spawn(move || {
            runtime.block_on(async {
                while signals.next().await {
                    heard.hear();
                }
            });
        });
        Ok(interrupt)
    }

    /// From now on a signal is meant for this run. What happens is told through `say`.
    pub(super) fn run_begins(&self, cancel: CancelToken, say: Box<dyn Fn(&str) + Send>) {
        self.state().current = Some(Current { cancel, say, count: 0 });
    }

    /// No run any more. Tells whether it was interrupted.
    pub(super) fn run_ends(&self) -> bool {
        self.state().current.take().is_some_and(|run| run.count > 0)
    }

    /// What to wait for between runs: a message for each signal.
    pub(super) fn between_runs(&self) -> Receiver<()> {
        let (sender, receiver) = mpsc::channel();
        self.state().idle = Some(sender);
        receiver
    }

    fn hear(&self) {
        let mut state = self.state();
        let Some(run) = &mut state.current else {
            match &state.idle {
                Some(idle) if idle.send(()).is_ok() => return,
                _ => stop_at_once(),
            }
            return;
        };
        run.count += 1;
        match run.count {
            1 => {
                run.cancel.cancel();
                (run.say)("interrupted: stopping, then teardown; Ctrl-C again stops at once");
            }
            2 => {
                run.cancel.kill();
                (run.say)("interrupted again: stopping at once");
            }
            _ => stop_at_once(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way out when nobody answers any more.
#[expect(clippy::exit, reason = "the person asked for it, repeatedly")]
fn stop_at_once() {
    std::process::exit(130);
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// The terminal has gone: without this, what the steps started would stay. `None` under
    /// `nohup`.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if may_hang_up() { Some(signal(SignalKind::hangup())?) } else { None },
        })
    }

    async fn next(&mut self) -> bool {
        tokio::select! {
            heard = self.interrupt.recv() => heard.is_some(),
            heard = self.terminate.recv() => heard.is_some(),
            Some(heard) = async { Some(self.hangup.as_mut()?.recv().await) } => heard.is_some(),
        }
    }
}

/// Whether SIGHUP, the signal 1, is not ignored, as far as this machine tells.
#[cfg(unix)]
fn may_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 0)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "the same face as on Unix")]
    const fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
