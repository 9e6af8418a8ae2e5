use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aei_core::api::CommandId;
use aei_runner::CancelToken;

/// The commands that a node has in hand.
#[derive(Debug, Default)]
pub(super) struct Active {
    jobs: Mutex<BTreeMap<CommandId, Job>>,
}

#[derive(Debug)]
struct Job {
    cancel: CancelToken,
    /// The server counts on this node for it.
    held: bool,
    /// Its steps are at work.
    running: bool,
}

impl Active {
    /// Takes a command in hand. `None` when it is already.
    pub(super) fn begin(&self, id: CommandId) -> Option<CancelToken> {
        let mut jobs = self.lock();
        if jobs.contains_key(&id) {
            return None;
        }
        let cancel = CancelToken::new();
        jobs.insert(id, Job { cancel: cancel.clone(), held: false, running: false });
        Some(cancel)
    }

    pub(super) fn end(&self, id: CommandId) {
        self.lock().remove(&id);
    }

    /// The server has given it to this node for good.
    pub(super) fn hold(&self, id: CommandId) {
        if let Some(job) = self.lock().get_mut(&id) {
            job.held = true;
        }
    }

    pub(super) fn set_running(&self, id: CommandId, running: bool) {
        if let Some(job) = self.lock().get_mut(&id) {
            job.running = running;
        }
    }

    /// Whether any steps are at work.
    pub(super) fn is_running(&self) -> bool {
        self.lock().values().any(|job| job.running)
    }

    /// Those whose leases are to be renewed.
    pub(super) fn held(&self) -> Vec<CommandId> {
        self.lock().iter().filter(|(_, job)| job.held).map(|(id, _)| *id).collect()
    }

    pub(super) fn cancel(&self, id: CommandId, reason: &str) {
        if let Some(job) = self.lock().get(&id) {
            job.cancel.cancel_because(reason);
        }
    }

    pub(super) fn cancel_all(&self, reason: &str) {
        for job in self.lock().values() {
            job.cancel.cancel_because(reason);
        }
    }

    pub(super) fn kill_all(&self) {
        for job in self.lock().values() {
            job.cancel.kill();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CommandId, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
