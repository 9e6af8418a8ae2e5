//! All SQL, one file an aggregate.
//!
//! Handlers read through here; only the worker writes. Statements run on both engines as they
//! stand; what cannot is in [`dialect`].

mod connection;
mod dialect;
mod migrate;
mod time;

pub(crate) mod applied;
pub(crate) mod audit;
pub(crate) mod cases;
pub(crate) mod commands;
pub(crate) mod events;
pub(crate) mod keys;
pub(crate) mod nodes;
pub(crate) mod runs;
pub(crate) mod templates;
pub(crate) mod tokens;
pub(crate) mod users;

pub(crate) use connection::{Connection, on};
pub use connection::{Database, StoreError};
pub(crate) use time::{Micros, moment, moments};

/// What reading and writing the database gives.
pub(crate) type Result<T> = std::result::Result<T, StoreError>;
