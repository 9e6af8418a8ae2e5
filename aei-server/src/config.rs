//! How a server runs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can be decided about a server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// How people reach it, for links and for cookies that may go over TLS only.
    pub public_url: Option<url::Url>,
    /// The folder of `/data`; the SQLite database lies in it too.
    pub data_dir: PathBuf,
    /// The database; SQLite in `data_dir` when not given.
    pub database: Option<String>,
    /// How many connections to the database.
    pub connections: u32,
    /// How many commands may wait before callers are told to come back later.
    pub queue_capacity: usize,
    /// How long a caller waits for the commit before it is told to ask again.
    pub write_patience: Duration,
    /// How often nodes are to be heard of.
    pub heartbeat: Duration,
    /// How long a running command is believed in without a sign of life.
    pub lease: Duration,
    /// How long runs are kept when they do not say; `None` for ever.
    pub keep_days: Option<u32>,
    /// The most bytes of a template.
    pub max_template: u64,
    /// The most bytes of a report or an artifact.
    pub max_upload: u64,
}

impl Config {
    /// A server on SQLite in a folder, on a free port of this machine.
    pub fn local(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            data_dir: data_dir.into(),
            database: None,
            connections: 8,
            queue_capacity: 8192,
            write_patience: Duration::from_secs(10),
            heartbeat: Duration::from_secs(15),
            lease: Duration::from_mins(1),
            keep_days: None,
            max_template: 64 << 20,
            max_upload: 1 << 30,
        }
    }

    /// The database's address.
    pub(crate) fn database_url(&self) -> String {
        self.database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("aei.sqlite3").display()))
    }

    /// How long a node counts as there after it was last heard of.
    pub(crate) fn patience(&self) -> Duration {
        self.heartbeat * 3
    }

    /// Whether cookies may go over TLS only.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}
