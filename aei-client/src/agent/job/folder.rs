use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aei_core::api::{FinishCommand, NodeCommand};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::agent::identity::write_secret;
use crate::agent::state::make_private;

/// What a node has set out to do. On disk before the first step runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) command: NodeCommand,
    /// What the template is called in reports.
    pub(super) file: String,
    /// 1, or more when it was cut off and runs again.
    pub(super) attempt: u32,
}

/// The folder of one command.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn make(&self) -> io::Result<()> {
        make_private(&self.0)?;
        make_private(&self.work())
    }

    pub(super) fn remove(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.0.display(), %error, "cannot be removed");
        }
    }

    /// Where steps run.
    pub(super) fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    pub(super) fn template(&self) -> PathBuf {
        self.0.join("template")
    }

    pub(super) fn events(&self) -> PathBuf {
        self.0.join("events")
    }

    /// Where an attempt keeps its cases and artifacts.
    pub(super) fn run(&self, attempt: u32) -> PathBuf {
        self.0.join(format!("run-{attempt}"))
    }

    pub(super) fn report(&self) -> PathBuf {
        self.0.join("report.json")
    }

    /// The artifacts that the server has, one a line.
    pub(super) fn sent(&self) -> PathBuf {
        self.0.join("sent")
    }

    pub(super) fn claim(&self) -> Option<Claim> {
        read(&self.0.join("claim.json"))
    }

    pub(super) fn set_claim(&self, claim: &Claim) -> io::Result<()> {
        write(&self.0.join("claim.json"), claim)
    }

    pub(super) fn finish(&self) -> Option<FinishCommand> {
        read(&self.0.join("finish.json"))
    }

    pub(super) fn set_finish(&self, finish: &FinishCommand) -> io::Result<()> {
        write(&self.0.join("finish.json"), finish)
    }

    /// Forgets what must not lie around longer than needed: the claim holds the values of inputs.
    pub(super) fn tidy(&self) {
        let _ = std::fs::remove_file(self.0.join("claim.json"));
        let _ = std::fs::remove_dir_all(self.events());
    }

    /// Notes that an artifact is with the server.
    pub(super) fn mark_sent(&self, artifact: &str) {
        let file = File::options().create(true).append(true).open(self.sent());
        if let Err(error) = file.and_then(|mut file| writeln!(file, "{artifact}")) {
            // It is sent once more after a restart, and nothing else.
            tracing::debug!(%error, artifact, "cannot note that it was sent");
        }
    }
}

fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    write_secret(path, &serde_json::to_vec(value)?)
}

/// Marks are written whole or not at all; one that cannot be read is none.
fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let json = std::fs::read(path).ok()?;
    serde_json::from_slice(&json)
        .inspect_err(|error| tracing::error!(path = %path.display(), %error, "is not readable"))
        .ok()
}
