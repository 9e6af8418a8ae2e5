use std::sync::Arc;
use std::time::Duration;

use aei_core::api::{Heartbeat, NodeInfo};

use super::Shutdown;
use super::active::Active;
use super::inbox::{Outbox, Told};
use crate::http::{Client, RetryPolicy};

/// How soon a sign of life that did not get through is tried again.
const AGAIN: Duration = Duration::from_secs(3);
/// The longest that the server can ask for, so that a mistake there does not silence the node.
const LONGEST: Duration = Duration::from_secs(300);

/// Gives signs of life until the outbox closes: they renew the leases of what is at work, and
/// bring back what is to be stopped.
pub(super) async fn keep(
    client: Client,
    info: NodeInfo,
    active: Arc<Active>,
    shutdown: Shutdown,
    outbox: Outbox,
) {
    let client = client.with_retry(RetryPolicy::never());
    let mut info = Some(info);
    let mut told_draining = false;
    loop {
        let draining = shutdown.is_draining();
        let beat = Heartbeat { running: active.held(), draining, info: info.clone() };
        let pause = match client.heartbeat(&beat).await {
            Ok(reply) => {
                info = None;
                told_draining = draining;
                let cancel = reply.cancel.into_iter().map(Told::Cancel);
                let gone = reply.gone.into_iter().map(Told::Gone);
                for told in cancel.chain(gone) {
                    if outbox.send(told).await.is_err() {
                        return;
                    }
                }
                Duration::from_secs(reply.interval_s).clamp(Duration::from_secs(1), LONGEST)
            }
            Err(error) if error.is_unauthorised() => {
                let _ = outbox.send(Told::Unauthorised).await;
                return;
            }
            Err(error) => {
                tracing::debug!(%error, "no sign of life got through");
                AGAIN
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.draining(), if !told_draining => {}
            () = outbox.closed() => return,
        }
        if shutdown.is_draining() && !told_draining && pause == AGAIN {
            // `draining` fires at once from now on: do not ask without a pause.
            tokio::time::sleep(AGAIN).await;
        }
    }
}
