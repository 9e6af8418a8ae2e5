use std::time::Duration;

use aei_core::api::NodeMessage;
use futures_util::StreamExt;
use tokio::sync::watch;

use super::inbox::{Outbox, Told};
use crate::http::{Backoff, Client, ClientError, RetryPolicy};

/// The server sends at least a comment every 15 s; silence longer than this is a dead line.
const PATIENCE: Duration = Duration::from_secs(40);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// How often is asked while no stream gets through, as behind a proxy that holds answers back.
const POLL: Duration = Duration::from_secs(5);

/// Listens for commands until the outbox closes.
pub(super) async fn listen(client: Client, outbox: Outbox) {
    let client = client.with_retry(RetryPolicy::never());
    let (through, gets_through) = watch::channel(false);
    tokio::join!(
        stream(&client, &outbox, &through),
        poll(&client, &outbox, gets_through),
        outbox.closed()
    );
}

/// Holds a stream open, and opens it again.
async fn stream(client: &Client, outbox: &Outbox, through: &watch::Sender<bool>) {
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    while !outbox.is_closed() {
        let ended = hold(client, outbox, through, &mut backoff).await;
        through.send_replace(false);
        match ended {
            Ok(()) => tracing::debug!("the command stream ended; opening it again"),
            Err(error) if error.is_unauthorised() => {
                let _ = outbox.send(Told::Unauthorised).await;
                return;
            }
            Err(error) => tracing::warn!(%error, "no command stream; trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.next()) => {}
            () = outbox.closed() => {}
        }
    }
}

async fn hold(
    client: &Client,
    outbox: &Outbox,
    through: &watch::Sender<bool>,
    backoff: &mut Backoff,
) -> Result<(), ClientError> {
    let mut messages = client.command_stream(PATIENCE).await?;
    loop {
        let message = tokio::select! {
            message = messages.next() => message,
            () = outbox.closed() => return Ok(()),
        };
        let Some(message) = message else { return Ok(()) };
        let message = message?;
        // Only what arrives proves that nothing on the way holds the stream back.
        through.send_replace(true);
        backoff.reset();
        let told = match message {
            Some(NodeMessage::Command(command)) => Told::Command(command),
            Some(NodeMessage::Cancel(id)) => Told::Cancel(id),
            None => continue,
        };
        if outbox.send(told).await.is_err() {
            return Ok(());
        }
    }
}

/// Asks now and then while the stream does not get through.
async fn poll(client: &Client, outbox: &Outbox, mut gets_through: watch::Receiver<bool>) {
    loop {
        if gets_through.wait_for(|through| !through).await.is_err() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = gets_through.wait_for(|through| *through) => continue,
            () = outbox.closed() => return,
        }
        let pending = match client.pending_commands().await {
            Ok(pending) => pending,
            Err(error) => {
                tracing::debug!(%error, "cannot ask for commands");
                continue;
            }
        };
        let commands = pending.commands.into_iter().map(|command| Told::Command(command.into()));
        for told in commands.chain(pending.cancel.into_iter().map(Told::Cancel)) {
            if outbox.send(told).await.is_err() {
                return;
            }
        }
    }
}
