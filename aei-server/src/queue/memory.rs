use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::{CommandQueue, CommandSource, Delivery, Reply, SubmitError};
use crate::command::{Envelope, Receipt};

/// A bounded queue inside one process.
///
/// It is as durable as the database: nobody is answered before the commit, so what is lost with
/// the process was never acknowledged.
#[derive(Clone)]
pub struct MemoryQueue {
    sender: mpsc::Sender<Waiting>,
}

/// What the worker takes from.
pub struct MemorySource {
    receiver: mpsc::Receiver<Waiting>,
}

struct Waiting {
    envelope: Envelope,
    receipt: oneshot::Sender<Receipt>,
}

impl MemoryQueue {
    /// A queue that holds `capacity` commands, and the worker's end of it.
    pub fn new(capacity: usize) -> (Self, MemorySource) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self { sender }, MemorySource { receiver })
    }
}

#[async_trait]
impl CommandQueue for MemoryQueue {
    async fn submit(&self, envelope: Envelope) -> Result<Receipt, SubmitError> {
        let (receipt, answer) = oneshot::channel();
        self.sender.try_send(Waiting { envelope, receipt }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Full,
            mpsc::error::TrySendError::Closed(_) => {
                SubmitError::Unreachable("the server is stopping".to_owned())
            }
        })?;
        answer.await.map_err(|_| SubmitError::Unreachable("the server is stopping".to_owned()))
    }
}

#[async_trait]
impl CommandSource for MemorySource {
    async fn take(&mut self, limit: usize) -> Vec<Delivery> {
        let mut waiting = Vec::new();
        self.receiver.recv_many(&mut waiting, limit).await;
        waiting
            .into_iter()
            .map(|Waiting { envelope, receipt }| Delivery { envelope, reply: Box::new(receipt) })
            .collect()
    }
}

#[async_trait]
impl Reply for oneshot::Sender<Receipt> {
    async fn settle(self: Box<Self>, receipt: Receipt) {
        // Nobody waits any more when the submitter's patience ended; the receipt is in the
        // database.
        let _ = self.send(receipt);
    }
}
