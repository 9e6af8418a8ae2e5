//! What handlers may reach.

use std::ops::Deref;
use std::sync::Arc;

use aei_core::runner::Registry;
use chrono::Utc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::api::ApiError;
use crate::api::access::TokenCache;
use crate::attempts::Attempts;
use crate::command::{Envelope, Receipt};
use crate::config::Config;
use crate::object::Objects;
use crate::presence::Presence;
use crate::push::Push;
use crate::queue::{CommandQueue, SubmitError};
use crate::store::{Connection, Database};

/// The parts of a server, shared by its handlers.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts themselves.
pub struct Parts {
    /// How it runs.
    pub config: Config,
    /// Where handlers read; they never write.
    pub database: Database,
    /// Where they write.
    pub queue: Arc<dyn CommandQueue>,
    /// Templates, reports, artifacts.
    pub objects: Objects,
    /// Who is told what was committed.
    pub push: Push,
    /// Which nodes are there.
    pub presence: Presence,
    /// The runner kinds that templates are checked against.
    pub registry: Registry,
    /// Whose tokens were looked up lately.
    pub(crate) tokens: TokenCache,
    /// How often somebody may try to log in.
    pub(crate) attempts: Attempts,
    /// How many passwords are hashed at a time.
    pub(crate) password_turns: Semaphore,
    /// Ends the streams when the server stops.
    pub(crate) stopping: CancellationToken,
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl AppState {
    /// Shares the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// How long a running command is believed in, in microseconds.
    pub(crate) fn lease_micros(&self) -> i64 {
        i64::try_from(self.config.lease.as_micros()).unwrap_or(i64::MAX)
    }

    /// A connection to read with.
    pub(crate) async fn read(&self) -> Result<Connection, ApiError> {
        Ok(self.database.connection().await?)
    }

    /// Hands a command in and waits for its commit.
    pub(crate) async fn submit(&self, envelope: Envelope) -> Result<serde_json::Value, ApiError> {
        let id = envelope.id;
        let answer = self.queue.submit(envelope);
        match tokio::time::timeout(self.config.write_patience, answer).await {
            Err(_) => Err(ApiError::not_yet(id)),
            Ok(Ok(Receipt::Committed(value))) => Ok(value),
            Ok(Ok(Receipt::Rejected(rejection))) => Err(rejection.into()),
            Ok(Err(SubmitError::Full)) => Err(ApiError::busy()),
            Ok(Err(error @ SubmitError::Unreachable(_))) => Err(ApiError::unavailable(&error)),
        }
    }
}

/// The wall clock in microseconds since 1970.
pub(crate) fn now() -> i64 {
    Utc::now().timestamp_micros()
}

/// A fresh id that sorts by time.
pub(crate) fn fresh_id() -> Uuid {
    Uuid::now_v7()
}
