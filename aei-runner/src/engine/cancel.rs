use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// Stops a run from outside: politely first, then at once.
///
/// Cheap to clone; all clones are the same signal.
#[derive(Debug, Clone, Default)]
pub struct CancelToken {
    stop: CancellationToken,
    kill: CancellationToken,
    reason: Arc<OnceLock<String>>,
}

impl CancelToken {
    /// A signal that has not fired.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop: running steps are cancelled, no further case begins, teardown runs.
    pub fn cancel(&self) {
        self.stop.cancel();
    }

    /// Like [`cancel`](Self::cancel), with a reason for the report. The first one counts.
    pub fn cancel_because(&self, reason: impl Into<String>) {
        if !self.is_cancelled() {
            let _ = self.reason.set(reason.into());
        }
        self.cancel();
    }

    /// Why it was cancelled, when somebody said so.
    pub fn reason(&self) -> Option<&str> {
        self.reason.get().map(String::as_str)
    }

    /// Ends the run at once: teardown is cut short too.
    pub fn kill(&self) {
        self.stop.cancel();
        self.kill.cancel();
    }

    /// Whether [`cancel`](Self::cancel) or [`kill`](Self::kill) was called.
    pub fn is_cancelled(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// What stops ordinary steps.
    pub(crate) const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// What stops teardown steps.
    pub(crate) const fn killed(&self) -> &CancellationToken {
        &self.kill
    }
}

/// What a running step listens to.
#[derive(Debug, Default)]
pub(crate) struct StepCancel(pub(crate) CancellationToken);

#[async_trait]
impl aei_core::runner::Cancel for StepCancel {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    async fn cancelled(&self) {
        self.0.cancelled().await;
    }
}
