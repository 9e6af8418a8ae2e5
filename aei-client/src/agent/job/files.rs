use std::collections::HashSet;
use std::path::PathBuf;

use aei_core::api::CommandId;
use tokio::sync::mpsc;

use super::folder::Folder;
use super::persist::{Stop, persist};
use crate::http::Client;

/// Sends the artifacts of a command: as it is told of them, and at the end all that are there.
pub(super) struct Files<'a> {
    pub(super) client: &'a Client,
    pub(super) command: CommandId,
    pub(super) folder: &'a Folder,
    pub(super) attempt: u32,
}

impl Files<'_> {
    /// Gives what the server will not take. A command that is gone ends it early.
    pub(super) async fn send(&self, mut told: mpsc::Receiver<String>) -> Vec<String> {
        let mut sent = self.sent();
        let mut refused = Vec::new();
        while let Some(path) = told.recv().await {
            if !self.offer(path, &mut sent, &mut refused).await {
                return refused;
            }
        }
        // What came while too many waited, and what a process of before did not get to.
        let root = self.folder.run(self.attempt);
        let mut open = vec![PathBuf::from("artifacts")];
        while let Some(folder) = open.pop() {
            let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { continue };
            for entry in entries.flatten() {
                let path = folder.join(entry.file_name());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => open.push(path),
                    Ok(kind) if kind.is_file() => {
                        let Some(path) = slashed(&path) else { continue };
                        if !self.offer(path, &mut sent, &mut refused).await {
                            return refused;
                        }
                    }
                    _ => {}
                }
            }
        }
        refused
    }

    fn sent(&self) -> HashSet<String> {
        let list = std::fs::read_to_string(self.folder.sent()).unwrap_or_default();
        list.lines().map(str::to_owned).collect()
    }

    /// Sends one, unless it was before. `false`: there is no use in going on.
    async fn offer(
        &self,
        path: String,
        sent: &mut HashSet<String>,
        refused: &mut Vec<String>,
    ) -> bool {
        if sent.contains(&path) {
            return true;
        }
        let file = self.folder.run(self.attempt).join(&path);
        let Ok(length) = std::fs::metadata(&file).map(|data| data.len()) else { return true };
        let client = self.client;
        let kept = persist("sending an artifact", || {
            client.send_artifact(self.command, &path, file.clone(), length)
        });
        match kept.await {
            Ok(_) => {
                self.folder.mark_sent(&path);
                sent.insert(path);
            }
            Err(Stop::Refused(error)) => {
                tracing::warn!(path, %error, "the server does not take an artifact");
                refused.push(format!("artifact `{path}`: {error}"));
            }
            Err(Stop::Gone | Stop::Unauthorised) => return false,
        }
        true
    }
}

/// A path as reports write it, on every system.
fn slashed(path: &std::path::Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}
