use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aei_core::api::{NodeId, NodeInfo, RegisterNode, UserId};
use serde::{Deserialize, Serialize};

use crate::http::{Client, ClientError};

/// Who a node is to its server. Kept in a file that only its owner can read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The server's address.
    pub server: String,
    /// Whose node it is.
    pub user_id: UserId,
    /// The Node ID.
    pub node_id: NodeId,
    /// What people call it.
    pub name: String,
    /// Its secret.
    pub token: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("server", &self.server)
            .field("user_id", &self.user_id)
            .field("node_id", &self.node_id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// An identity that cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// There is none.
    #[error("this machine is no node yet: there is no `{path}`; register it first", path = .0.display())]
    None(PathBuf),
    /// It cannot be read.
    #[error("cannot read `{path}`: {source}", path = .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is in the file is none.
    #[error("`{path}` is not the identity of a node: {reason}", path = .path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It cannot be written.
    #[error("cannot write `{path}`: {source}", path = .path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The name of the file in the folder of a node.
const FILE: &str = "identity.json";

impl Identity {
    /// Registers a node to a user by an enrolment key of that user.
    pub async fn register(
        client: &Client,
        user_id: UserId,
        key: &str,
        name: &str,
        info: NodeInfo,
    ) -> Result<Self, ClientError> {
        let name = name.trim().to_owned();
        let node = RegisterNode { user_id, key: key.trim().to_owned(), name: name.clone(), info };
        let registered = client.register_node(&node).await?;
        Ok(Self {
            server: client.server(),
            user_id,
            node_id: registered.node_id,
            name,
            token: registered.token,
        })
    }

    /// Reads the identity from the folder of a node.
    pub fn load(folder: &Path) -> Result<Self, IdentityError> {
        let path = folder.join(FILE);
        let json = match std::fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(IdentityError::None(path));
            }
            Err(source) => return Err(IdentityError::Read { path, source }),
        };
        serde_json::from_slice(&json)
            .map_err(|error| IdentityError::Malformed { path, reason: error.to_string() })
    }

    /// Keeps the identity in the folder of a node, which is made if need be: all of it or nothing,
    /// readable by its owner only.
    pub fn save(&self, folder: &Path) -> Result<(), IdentityError> {
        let path = folder.join(FILE);
        let json = serde_json::to_vec_pretty(self).map_err(io::Error::from);
        json.and_then(|json| write_secret(&path, &json))
            .map_err(|source| IdentityError::Write { path, source })
    }

    /// Forgets the identity that is kept in a folder.
    pub fn remove(folder: &Path) -> Result<(), IdentityError> {
        let path = folder.join(FILE);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(IdentityError::Write { path, source })
            }
            _ => Ok(()),
        }
    }
}

/// Replaces a file as a whole and for good, readable by its owner only.
pub(super) fn write_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    super::state::make_private(folder)?;
    // Made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The new name must survive a power cut too.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            server: "http://localhost:1".into(),
            user_id: UserId(uuid::Uuid::now_v7()),
            node_id: NodeId(uuid::Uuid::now_v7()),
            name: "bench".into(),
            token: "aei_node_secret".into(),
        }
    }

    #[test]
    fn it_is_kept_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("a/b");
        let kept = identity();
        kept.save(&folder).unwrap();
        kept.save(&folder).unwrap();
        assert_eq!(Identity::load(&folder).unwrap(), kept);
        assert!(!format!("{kept:?}").contains("secret"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&folder.join(FILE)), 0o600);
            assert_eq!(mode(&folder), 0o700);
        }
        Identity::remove(&folder).unwrap();
        assert!(matches!(Identity::load(&folder), Err(IdentityError::None(_))));
    }

    #[test]
    fn nonsense_in_its_place_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "{}").unwrap();
        let error = Identity::load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("is not the identity of a node: missing field"), "{error}");
    }
}
