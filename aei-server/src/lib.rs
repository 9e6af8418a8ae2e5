//! The AEI server: users, nodes, templates, runs and their results.
//!
//! ```text
//! node / browser / CLI ──HTTP──▶ api ──Command──▶ queue ──▶ worker ──▶ store (Postgres | SQLite)
//!                                 ▲  └── reads ───────────────────────────┘
//!                                 └────────── Receipt (committed | rejected: why) ◀──┘
//! ```
//!
//! - [`api`] takes requests apart, says who may do what, and reads;
//! - [`command`] is every write, as one enum, and how each is applied;
//! - [`queue`] is where commands wait, [`worker`] commits them in batches;
//! - [`store`] holds all SQL, [`object`] the folder `/data`;
//! - [`push`] tells streams what was committed.
//!
//! Invariant: no handler writes to the database, nothing is acknowledged before its commit, no
//! step ever runs here, and another's id is a 404.

pub mod api;
mod attempts;
mod check;
pub mod command;
pub mod config;
mod dispatch;
mod housekeeping;
mod ingest;
pub mod object;
mod password;
pub mod presence;
pub mod push;
pub mod queue;
mod server;
pub mod state;
pub mod store;
pub mod worker;

pub use config::Config;
pub use server::{Server, StartError};
