use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::access::TokenCache;
use crate::api::app;
use crate::attempts::Attempts;
use crate::config::Config;
use crate::object::{ObjectError, Objects};
use crate::presence::Presence;
use crate::push::Push;
use crate::queue::MemoryQueue;
use crate::state::{AppState, Parts};
use crate::store::{Database, StoreError};
use crate::worker::Worker;
use crate::{check, housekeeping};

/// A server at work, everything in one process.
pub struct Server {
    address: SocketAddr,
    stopping: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    /// Ends when the queue is closed, that is when nobody holds the state any more.
    working: JoinHandle<()>,
    database: Database,
}

/// A server that could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder for data cannot be used.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// What the build put into the program does not make sense.
    #[error("the built-in list of step runners is broken: {0}")]
    Runners(#[from] serde_json::Error),
}

impl Server {
    /// Starts a server; it answers from the moment this returns.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let objects = Objects::local(&config.data_dir)?;
        let database = Database::open(&config.database_url(), config.connections).await?;
        let listen = config.listen;
        let failed = |source| StartError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let push = Push::default();
        let (queue, source) = MemoryQueue::new(config.queue_capacity);
        let working = tokio::spawn(Worker::new(database.clone(), push.clone()).run(source));
        let stopping = CancellationToken::new();
        let state = AppState::new(Parts {
            config,
            database: database.clone(),
            queue: Arc::new(queue),
            objects,
            push,
            presence: Presence::default(),
            registry: check::registry()?,
            tokens: TokenCache::default(),
            attempts: Attempts::default(),
            password_turns: Semaphore::new(2),
            stopping: stopping.clone(),
        });
        tokio::spawn(housekeeping::keep(state.clone()));
        let service = app(state).into_make_service_with_connect_info::<SocketAddr>();
        let stop = stopping.clone();
        let serving = tokio::spawn(async move {
            let stop = async move { stop.cancelled().await };
            axum::serve(listener, service).with_graceful_shutdown(stop).await
        });
        Ok(Self { address, stopping, serving, working, database })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL on this machine.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops: streams end, requests that came are answered, what is queued is committed.
    pub async fn stop(self) {
        self.stopping.cancel();
        if let Ok(Err(error)) = self.serving.await {
            tracing::warn!(%error, "the listener ended badly");
        }
        // The last to hold the queue has let go of it by now; the worker drains it and ends.
        let _ = self.working.await;
        self.database.close().await;
    }
}
