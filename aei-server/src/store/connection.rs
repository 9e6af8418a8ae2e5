use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool};

/// The database: SQLite when nothing is configured, Postgres in production.
#[derive(Debug, Clone)]
pub enum Database {
    /// One file beside the data.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

/// One connection of either engine.
pub(crate) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// Runs an expression with `$c` as the connection of whichever engine it is.
macro_rules! on {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            $crate::store::Connection::Sqlite(connection) => {
                let $c = &mut **connection;
                $body
            }
            $crate::store::Connection::Postgres(connection) => {
                let $c = &mut **connection;
                $body
            }
        }
    };
}
pub(crate) use on;

/// The database could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database makes no sense.
    #[error("`{url}` is no database; write `sqlite:PATH` or `postgres://USER@HOST/NAME`")]
    Address {
        /// As it was given.
        url: String,
    },
    /// What the engine said.
    #[error("the database failed: {0}")]
    Engine(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("cannot bring the tables up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row holds what this version cannot read.
    #[error("cannot read {what} in the database: {source}")]
    Stored {
        /// Which column.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

impl StoreError {
    /// Whether the statement itself is to blame (a constraint, a bad value), so that trying again
    /// on a new connection would end the same.
    pub(crate) fn is_of_statement(&self) -> bool {
        match self {
            Self::Engine(sqlx::Error::Database(error)) => {
                // SQLite: full, I/O, busy, locked, not to be opened; Postgres: connection,
                // resources, shutdown, serialisation.
                !matches!(error.code().as_deref(), Some("5" | "6" | "10" | "13" | "14" | "261" | "517"))
                    && !error.code().is_some_and(|code| {
                        code.len() == 5 && ["08", "53", "57", "58", "40"].contains(&&code[..2])
                    })
            }
            Self::Engine(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::Protocol(_),
            ) => false,
            _ => true,
        }
    }

    /// Whether a row with the same key is there already.
    pub(crate) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Engine(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

/// How long SQLite waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl Database {
    /// Opens the database, making an SQLite file that is not there, and brings its tables up to
    /// date.
    pub async fn open(url: &str, connections: u32) -> Result<Self, StoreError> {
        let database = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await?;
            Self::Postgres(pool)
        } else if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT);
            let pool =
                SqlitePoolOptions::new().max_connections(connections).connect_with(options).await?;
            Self::Sqlite(pool)
        } else {
            return Err(StoreError::Address { url: url.to_owned() });
        };
        database.migrate().await?;
        Ok(database)
    }

    /// A connection of the pool.
    pub(crate) async fn connection(&self) -> Result<Connection, StoreError> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Connection::Postgres(pool.acquire().await?),
        })
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Connection {
    /// Begins a transaction that writes.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        // A plain BEGIN of SQLite fails with BUSY at its first write when another has written
        // since its first read; IMMEDIATE waits in line instead.
        match self {
            Self::Sqlite(connection) => {
                sqlx::query("begin immediate").execute(&mut **connection).await?;
            }
            Self::Postgres(connection) => {
                sqlx::query("begin").execute(&mut **connection).await?;
            }
        }
        Ok(())
    }

    /// Commits the transaction.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.run("commit").await
    }

    /// Takes the transaction back.
    pub(crate) async fn roll_back(&mut self) -> Result<(), StoreError> {
        self.run("rollback").await
    }

    /// Marks a point to come back to.
    pub(crate) async fn savepoint(&mut self) -> Result<(), StoreError> {
        self.run("savepoint command").await
    }

    /// Forgets the point.
    pub(crate) async fn release(&mut self) -> Result<(), StoreError> {
        self.run("release savepoint command").await
    }

    /// Goes back to the point.
    pub(crate) async fn roll_back_to_savepoint(&mut self) -> Result<(), StoreError> {
        self.run("rollback to savepoint command").await?;
        self.release().await
    }

    /// Gives the connection up for good: nobody gets it with a transaction half done.
    pub(crate) async fn discard(self) {
        match self {
            Self::Sqlite(connection) => drop(connection.close().await),
            Self::Postgres(connection) => drop(connection.close().await),
        }
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), StoreError> {
        on!(self, c => sqlx::query(statement).execute(c).await.map(drop))?;
        Ok(())
    }
}
