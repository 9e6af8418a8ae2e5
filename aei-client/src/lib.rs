//! The other end of an AEI server: a typed client of its API, and the node that runs what the
//! server orders.
//!
//! - [`Client`] has one method for each route; the command line, Python and tests speak through
//!   it, and so does the node;
//! - [`Agent`] is the node: it takes commands, runs their templates with `aei-runner`, keeps every
//!   event on disk until the server has it, and delivers reports and artifacts. A crash, a lost
//!   line, a full disk or days offline cost no result.
//!
//! ```no_run
//! # async fn run() -> Result<(), aei_client::ClientError> {
//! use aei_client::Client;
//!
//! let client = Client::builder("https://aei.example.org").token("aei_…").build()?;
//! let nodes = client.nodes().all().await?;
//!
//! println!("{} nodes", nodes.len());
//! # Ok(())
//! # }
//! ```
//!
//! Invariant: nothing leaves the spool before the server has acknowledged it; the node's policy is
//! asked before a step, not after.

pub mod agent;
pub mod http;
mod spool;

pub use aei_core::api;
pub use agent::{
    Agent, AgentBuilder, AgentError, Identity, IdentityError, Shutdown, default_state_folder,
};
pub use http::{Client, ClientBuilder, ClientError, Download, Pages, ReportFile, RetryPolicy};
