//! Where commands wait for the worker.
//!
//! Invariant: nothing is acknowledged before it is committed. Who submits learns the receipt; who
//! does not hear in time knows the command's id and may ask again.

mod memory;

pub use memory::MemoryQueue;

use async_trait::async_trait;

use crate::command::{Envelope, Receipt};

/// The side of the API.
#[async_trait]
pub trait CommandQueue: Send + Sync {
    /// Hands a command in and waits for its receipt, as long as the caller's patience lasts:
    /// dropping the future takes nothing back.
    async fn submit(&self, envelope: Envelope) -> Result<Receipt, SubmitError>;
}

/// The side of the worker.
#[async_trait]
pub trait CommandSource: Send {
    /// Waits for commands and takes what is there, up to `limit`. Empty when the queue is closed.
    async fn take(&mut self, limit: usize) -> Vec<Delivery>;
}

/// A command in the worker's hands. Dropped without an answer, it comes again, or its submitter
/// is told that nobody will answer.
pub struct Delivery {
    /// The command.
    pub envelope: Envelope,
    /// Who wants the receipt.
    pub reply: Box<dyn Reply>,
}

/// Takes a receipt after the commit.
#[async_trait]
pub trait Reply: Send {
    /// Tells the submitter, and the queue that the command need not come again.
    async fn settle(self: Box<Self>, receipt: Receipt);
}

/// A command that was not handed in, or whose receipt never came.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Too much waits already. Nothing was queued.
    #[error("too many writes are waiting")]
    Full,
    /// The queue cannot be reached, or the server is stopping.
    #[error("the queue is out of reach: {0}")]
    Unreachable(String),
}
