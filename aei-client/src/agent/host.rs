use std::path::{Path, PathBuf};

use aei_core::host::{Host, HostError};
use aei_runner::LocalHost;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The machine as one command sees it: relative paths lead into its folder, and the template has
/// a name there that means something to people.
#[derive(Debug, Clone)]
pub(super) struct NodeHost {
    pub(super) local: LocalHost,
    /// Where relative paths start.
    pub(super) work: PathBuf,
    /// What the template is called, and where it really is.
    pub(super) template: (PathBuf, PathBuf),
}

impl NodeHost {
    fn real(&self, path: &Path) -> PathBuf {
        let (shown, real) = &self.template;
        match path {
            path if path == shown => real.clone(),
            // Standard input is nobody's business here; as a file name it does not exist.
            path => self.work.join(path),
        }
    }
}

impl Host for NodeHost {
    fn now(&self) -> DateTime<Utc> {
        self.local.now()
    }

    fn uuid(&self) -> Uuid {
        self.local.uuid()
    }

    fn random_int(&self, low: i64, high: i64) -> i64 {
        self.local.random_int(low, high)
    }

    fn env(&self, name: &str) -> Option<String> {
        self.local.env(name)
    }

    fn size(&self, path: &Path) -> Result<Option<u64>, HostError> {
        self.local.size(&self.real(path))
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        self.local.read(&self.real(path))
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HostError> {
        self.local.write(&self.real(path), content)
    }
}
