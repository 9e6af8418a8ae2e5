use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aei_core::api::CommandId;

use super::AgentError;
use crate::spool::Ballast;

/// The folder in which a node keeps what must outlive its process.
///
/// - `commands/<id>/`: what is at work or not yet delivered;
/// - `done/<id>/`: the last few that were delivered;
/// - `ballast`: room for the day when the disk is full;
/// - `lock`: one process at a time.
#[derive(Debug)]
pub(crate) struct State {
    root: PathBuf,
    pub(crate) ballast: Arc<Ballast>,
    /// How many delivered commands are kept.
    keep: usize,
    _lock: File,
}

impl State {
    pub(crate) fn open(root: &Path, keep: usize, ballast: usize) -> Result<Self, AgentError> {
        let wrong = |source| AgentError::State { path: root.to_owned(), source };
        make_private(root).map_err(wrong)?;
        let lock = File::create(root.join("lock")).map_err(wrong)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(AgentError::Busy(root.to_owned()));
            }
            Err(std::fs::TryLockError::Error(source)) => return Err(wrong(source)),
        }
        for folder in ["commands", "done"] {
            make_private(&root.join(folder)).map_err(wrong)?;
        }
        let ballast = Arc::new(Ballast::new(root.join("ballast"), ballast));
        Ok(Self { root: root.to_owned(), ballast, keep, _lock: lock })
    }

    /// Where a command is at work.
    pub(crate) fn command(&self, id: CommandId) -> PathBuf {
        self.root.join("commands").join(id.to_string())
    }

    /// What a process of before left, oldest first.
    pub(crate) fn left(&self) -> io::Result<Vec<CommandId>> {
        ids_in(&self.root.join("commands"))
    }

    /// Whether a command was delivered not long ago.
    pub(crate) fn is_done(&self, id: CommandId) -> bool {
        self.root.join("done").join(id.to_string()).exists()
    }

    /// Puts a command away that needs no more work, and forgets the oldest of those.
    pub(crate) fn retire(&self, id: CommandId) {
        let done = self.root.join("done");
        let retired = if self.keep == 0 {
            std::fs::remove_dir_all(self.command(id))
        } else {
            std::fs::rename(self.command(id), done.join(id.to_string()))
        };
        if let Err(error) = retired
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(command = %id, %error, "cannot put its folder away");
        }
        let Ok(ids) = ids_in(&done) else { return };
        for old in ids.iter().rev().skip(self.keep) {
            let _ = std::fs::remove_dir_all(done.join(old.to_string()));
        }
    }
}

/// Ids are made in the order of time, so names sort by age.
fn ids_in(folder: &Path) -> io::Result<Vec<CommandId>> {
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        ids.extend(name.to_str().and_then(|name| name.parse::<CommandId>().ok()));
    }
    ids.sort_unstable();
    Ok(ids)
}

/// Makes a folder that only its owner can look into. One that is there stays as it is.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Where a node keeps its identity and its work when nobody says: systemd's folder for the
/// service, else `aei/node` in the user's folder for state.
pub fn default_state_folder() -> PathBuf {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folder) = of("STATE_DIRECTORY") {
        return folder.into();
    }
    let base = of("XDG_STATE_HOME").or_else(|| of("LOCALAPPDATA")).map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(of("HOME")?).join(".local/state")));
    base.unwrap_or_else(|| PathBuf::from(".")).join("aei/node")
}
