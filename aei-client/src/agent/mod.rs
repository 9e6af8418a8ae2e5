//! The node: registers, listens, runs what it is given, delivers what comes of it.
//!
//! - [`Identity`] is who the node is to its server;
//! - the *listener* holds a stream open and polls when no stream gets through;
//! - the *lease keeper* gives signs of life;
//! - a *job* carries one command from taking it to the last byte delivered. Each has a folder in
//!   which every stage leaves its mark before the next begins, so that a process that comes after
//!   a crash knows what to do: run it, end it, or only deliver it.
//!
//! The server's clock and the node's are never compared.

mod active;
mod agent;
mod builder;
mod error;
mod host;
mod identity;
mod inbox;
mod job;
mod lease;
mod listen;
mod shutdown;
mod state;

pub use agent::Agent;
pub use builder::AgentBuilder;
pub use error::AgentError;
pub use identity::{Identity, IdentityError};
pub use shutdown::Shutdown;
pub use state::default_state_folder;
