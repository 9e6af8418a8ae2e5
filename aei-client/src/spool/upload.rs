use std::sync::Arc;
use std::time::Duration;

use aei_core::api::CommandId;

use super::{Batch, Limits, Spool};
use crate::http::{Backoff, Client, ClientError};

/// Sends what a spool holds, in order, for as long as it takes.
pub(crate) struct Uploader {
    pub(crate) client: Client,
    pub(crate) command: CommandId,
    pub(crate) spool: Arc<Spool>,
}

/// How sending came to an end.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// The server has all of it.
    Done,
    /// The command is not this node's any more.
    Gone,
    /// The token is not good any more.
    Unauthorised,
    /// The server will never take it, or it cannot be read.
    Refused(String),
}

/// The pauses while the server is away.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(crate) const fn pauses() -> Backoff {
    Backoff::new(FIRST_PAUSE, LONGEST_PAUSE)
}

/// What the server says when a command is not the node's any more.
pub(crate) fn is_gone(error: &ClientError) -> bool {
    error.code() == Some("command-gone") || error.status() == Some(404)
}

impl Uploader {
    /// Sends until the spool is closed and empty.
    pub(crate) async fn run(&self) -> Delivery {
        let mut backoff = pauses();
        let mut limits = Limits::USUAL;
        loop {
            let batch = match self.spool.batch(limits).await {
                Ok(Some(batch)) => batch,
                Ok(None) => return Delivery::Done,
                Err(error) => return Delivery::Refused(error.to_string()),
            };
            let Batch { first, next, lines } = batch;
            let wanted = match self.client.send_events(self.command, lines).await {
                Ok(accepted) => {
                    backoff.reset();
                    accepted.next_seq
                }
                Err(error) if is_gone(&error) => return Delivery::Gone,
                Err(error) if error.is_unauthorised() => return Delivery::Unauthorised,
                Err(error) if error.status() == Some(413) => match limits.halved() {
                    Some(smaller) => {
                        limits = smaller;
                        first
                    }
                    None => return Delivery::Refused(error.to_string()),
                },
                Err(error) if error.is_transient() => {
                    tracing::debug!(%error, first, next, "events wait");
                    tokio::time::sleep(backoff.next()).await;
                    first
                }
                Err(error) => match error.problem().and_then(|problem| problem.expected) {
                    Some(expected) => expected,
                    None => return Delivery::Refused(error.to_string()),
                },
            };
            if let Err(kept) = self.spool.acknowledged(wanted) {
                let reason = format!(
                    "the server wants events from {wanted} on again, but those before {kept} were \
                     acknowledged and are gone"
                );
                return Delivery::Refused(reason);
            }
        }
    }
}
