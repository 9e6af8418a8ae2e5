use tokio_util::sync::CancellationToken;

/// Ends a node from outside, in up to three steps. Cheap to clone; all clones are the same signal.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    cancel: CancellationToken,
    kill: CancellationToken,
}

impl Shutdown {
    /// A signal that has not fired.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes nothing new, finishes what runs, delivers, ends.
    pub fn drain(&self) {
        self.drain.cancel();
    }

    /// Like [`drain`](Self::drain), but cancels what runs; teardown runs.
    pub fn cancel(&self) {
        self.drain();
        self.cancel.cancel();
    }

    /// Like [`cancel`](Self::cancel), but cuts teardown short too.
    pub fn kill(&self) {
        self.cancel();
        self.kill.cancel();
    }

    /// The next step: drain, then cancel, then kill.
    pub fn further(&self) {
        if !self.drain.is_cancelled() {
            self.drain();
        } else if self.cancel.is_cancelled() {
            self.kill();
        } else {
            self.cancel();
        }
    }

    /// Goes a step further at every SIGTERM or Ctrl-C from now on. Needs a tokio runtime.
    pub fn on_signals() -> std::io::Result<Self> {
        let shutdown = Self::new();
        #[cfg(unix)]
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let listener = shutdown.clone();
        tokio::spawn(async move {
            loop {
                #[cfg(unix)]
                tokio::select! {
                    _ = terminate.recv() => {}
                    Ok(()) = tokio::signal::ctrl_c() => {}
                }
                #[cfg(not(unix))]
                if tokio::signal::ctrl_c().await.is_err() {
                    return;
                }
                listener.further();
            }
        });
        Ok(shutdown)
    }

    pub(crate) async fn draining(&self) {
        self.drain.cancelled().await;
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    pub(crate) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    pub(crate) async fn killed(&self) {
        self.kill.cancelled().await;
    }
}
