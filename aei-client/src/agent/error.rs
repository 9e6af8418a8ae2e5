use std::io;
use std::path::PathBuf;

use crate::http::ClientError;

/// Why a node cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// Its folder cannot be used.
    #[error("cannot use `{path}` as the node's folder: {source}", path = .path.display())]
    State {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process is the node.
    #[error("a node runs in `{path}` already; end it first, or give this one a folder of its own", path = .0.display())]
    Busy(PathBuf),
    /// The server does not know the token.
    #[error(
        "{server} does not accept this node's token: the node was removed there; register it anew \
         (what was not delivered is still in `{path}`)", path = .path.display()
    )]
    Unauthorised {
        /// The server's address.
        server: String,
        /// Where undelivered results are.
        path: PathBuf,
    },
    /// There can be no client.
    #[error(transparent)]
    Client(#[from] ClientError),
}
