//! The one door between the core and the world.
//!
//! Whatever depends on time, chance, the environment or a disk reaches the core through [`Host`]:
//! real in `aei-runner`, fixed in tests. The same bytes and the same host give the same plan and
//! the same report.

use std::path::Path;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::policy::Refusal;

/// Clock, ids, chance, environment and files, as the core may see them.
pub trait Host: Send + Sync {
    /// The wall clock, for people to read. Never used to measure a duration.
    fn now(&self) -> DateTime<Utc>;

    /// A fresh unique id. Time-ordered (UUIDv7) on a real host, so that folders of runs sort.
    fn uuid(&self) -> Uuid;

    /// A whole number drawn evenly from `low..=high`.
    fn random_int(&self, low: i64, high: i64) -> i64;

    /// Whether the node's policy lets a template read a file; [`read`](Self::read) refuses it
    /// too, and this says it in the policy's words.
    fn permit_read(&self, path: &Path) -> Result<(), Refusal> {
        let _ = path;
        Ok(())
    }

    /// An environment variable, when it is set and valid UTF-8.
    fn env(&self, name: &str) -> Option<String>;

    /// How many bytes a file has, as far as that is known without reading it: a pipe has no
    /// size. Lets a file past a limit be refused before it fills the memory.
    fn size(&self, path: &Path) -> Result<Option<u64>, HostError> {
        let _ = path;
        Ok(None)
    }

    /// The bytes of a file; of standard input when the path is `-`.
    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError>;

    /// Replaces a file as a whole (a reader sees the old or the new content, never a mix),
    /// making missing parent folders.
    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HostError>;
}

/// A file that could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot {action} `{path}`: {reason}")]
pub struct HostError {
    /// `read` or `write`.
    pub action: &'static str,
    /// The path as it was asked for.
    pub path: String,
    /// What the operating system said.
    pub reason: String,
    /// The file does not exist.
    pub not_found: bool,
}
