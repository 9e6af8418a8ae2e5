use std::path::Path;
use std::sync::Arc;

use aei_core::host::{Host, HostError};
use aei_core::policy::{Guard, Refusal};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::open::{Denied, Way, allowed, open};
use crate::host::{read_all, reason};

/// A host behind a policy: files that it does not allow cannot be read or written.
pub(crate) struct GuardedHost {
    inner: Arc<dyn Host>,
    guard: Arc<dyn Guard>,
    environment: Environment,
}

/// Who asks for variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// Expressions: the policy says which.
    Template,
    /// Runners, which are told of proxies there.
    Runner,
}

impl GuardedHost {
    /// The host itself when all is allowed.
    pub(crate) fn before(
        inner: &Arc<dyn Host>,
        guard: &Arc<dyn Guard>,
        environment: Environment,
    ) -> Arc<dyn Host> {
        if guard.is_open() {
            return Arc::clone(inner);
        }
        Arc::new(Self { inner: Arc::clone(inner), guard: Arc::clone(guard), environment })
    }
}

impl Host for GuardedHost {
    fn now(&self) -> DateTime<Utc> {
        self.inner.now()
    }

    fn uuid(&self) -> Uuid {
        self.inner.uuid()
    }

    fn random_int(&self, low: i64, high: i64) -> i64 {
        self.inner.random_int(low, high)
    }

    fn permit_read(&self, path: &Path) -> Result<(), Refusal> {
        allowed(&*self.guard, path, Way::Read).map(drop)
    }

    fn env(&self, name: &str) -> Option<String> {
        if self.environment == Environment::Template && self.guard.check_env(name).is_err() {
            return None;
        }
        self.inner.env(name)
    }

    fn size(&self, path: &Path) -> Result<Option<u64>, HostError> {
        match allowed(&*self.guard, path, Way::Read) {
            Ok(real) => self.inner.size(&real),
            Err(refusal) => Err(denied("read", path, Denied::Refused(refusal))),
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        open(&*self.guard, path, Way::Read)
            .and_then(|file| Ok(read_all(file)?))
            .map_err(|error| denied("read", path, error))
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HostError> {
        // Replaced as a whole by a rename, which follows no link that is put there meanwhile.
        match allowed(&*self.guard, path, Way::Write) {
            Ok(real) => self.inner.write(&real, content),
            Err(refusal) => Err(denied("write", path, Denied::Refused(refusal))),
        }
    }
}

fn denied(action: &'static str, path: &Path, error: Denied) -> HostError {
    let (reason, not_found) = match error {
        Denied::Refused(refusal) => (refusal.to_string(), false),
        Denied::Io(error) => (reason(&error), error.kind() == std::io::ErrorKind::NotFound),
    };
    HostError { action, path: path.display().to_string(), reason, not_found }
}
