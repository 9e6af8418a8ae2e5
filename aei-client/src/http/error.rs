use std::path::PathBuf;

use aei_core::api::Problem;

/// Why a call to the server did not give what was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server understood and refused, and says why.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No connection came about.
    #[error("cannot reach {server}: {reason}; {help}")]
    Unreachable {
        /// The server's address.
        server: String,
        /// What the network said.
        reason: String,
        /// What to do.
        help: String,
    },
    /// No answer came in time.
    #[error("{server} did not answer within {seconds} s; it may be busy or behind a bad line")]
    Timeout {
        /// The server's address.
        server: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The connection ended in the middle.
    #[error("the connection to {server} broke off: {reason}")]
    BrokenOff {
        /// The server's address.
        server: String,
        /// What the network said.
        reason: String,
    },
    /// What came back is not of this API.
    #[error("{server} does not answer like an AEI server: {what}; is the address right?")]
    Answer {
        /// The server's address.
        server: String,
        /// What came instead.
        what: String,
    },
    /// The address is none.
    #[error("`{address}` is not the address of a server: {reason}")]
    Address {
        /// As it was given.
        address: String,
        /// Why not.
        reason: String,
    },
    /// A file to send could not be read.
    #[error("cannot read `{path}`: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No client can be made on this machine.
    #[error("cannot set up the connection: {0}")]
    Setup(String),
}

impl ClientError {
    /// What the server said, when it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// The stable word of the problem: `not-found`.
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|problem| problem.code.as_str())
    }

    /// The HTTP status of the problem.
    pub fn status(&self) -> Option<u16> {
        self.problem().map(|problem| problem.status)
    }

    /// Whether asking again later may help: the line, or a server that is busy or restarting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::BrokenOff { .. } => true,
            Self::Problem(problem) => {
                matches!(problem.status, 408 | 425 | 429) || problem.status >= 500
            }
            // A proxy's page while the server behind it restarts looks like this.
            Self::Answer { .. } => true,
            Self::Address { .. } | Self::File { .. } | Self::Setup(_) => false,
        }
    }

    /// Whether the token is not, or no longer, good.
    pub fn is_unauthorised(&self) -> bool {
        self.status() == Some(401)
    }
}
