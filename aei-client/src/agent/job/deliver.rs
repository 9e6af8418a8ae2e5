use aei_core::api::{CommandId, FinishCommand};

use super::carry::Cx;
use super::folder::Folder;
use super::persist::{Stop, persist};
use crate::spool::{Delivery, Spool, Uploader};

/// What is left to do for a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing: it is delivered, or nobody wants it any more.
    Settled,
    /// It stays on disk: the server does not know this node any more.
    Unauthorised,
}

/// What was sent while it ran, and how that went.
pub(super) struct SentSoFar {
    pub(super) events: Delivery,
    pub(super) refused: Vec<String>,
}

/// Delivers what remains when all events and artifacts are sent: the report, then the end.
pub(super) async fn deliver(
    cx: &Cx,
    id: CommandId,
    folder: &Folder,
    uploader: &Uploader,
    mut finish: FinishCommand,
    sent: SentSoFar,
) -> Fate {
    let mut remarks = sent.refused;
    match sent.events {
        Delivery::Done => {}
        Delivery::Gone => return gone(id),
        Delivery::Unauthorised => return Fate::Unauthorised,
        Delivery::Refused(reason) => {
            tracing::error!(command = %id, reason, "the server does not take its events");
            remarks.push(format!("events: {reason}"));
        }
    }
    if let Ok(data) = tokio::fs::metadata(folder.report()).await {
        let report =
            persist("sending a report", || cx.client.send_report(id, folder.report(), data.len()));
        match report.await {
            Ok(()) => {}
            Err(Stop::Gone) => return gone(id),
            Err(Stop::Unauthorised) => return Fate::Unauthorised,
            Err(Stop::Refused(error)) => {
                tracing::error!(command = %id, %error, "the server does not take its report");
                remarks.push(format!("report: {error}"));
            }
        }
    }
    if !remarks.is_empty() {
        let remarks = format!("not everything could be delivered: {}", remarks.join("; "));
        finish.reason = Some(match finish.reason {
            Some(reason) => format!("{reason} ({remarks})"),
            None => remarks,
        });
    }
    end(cx, id, uploader, finish).await
}

/// Tells the server of the end, for as long as it wants events before.
async fn end(cx: &Cx, id: CommandId, uploader: &Uploader, mut finish: FinishCommand) -> Fate {
    let mut tries = 0;
    loop {
        let told = persist("ending a command", || cx.client.finish_command(id, &finish));
        let error = match told.await {
            Ok(()) => return Fate::Settled,
            Err(Stop::Gone) => return gone(id),
            Err(Stop::Unauthorised) => return Fate::Unauthorised,
            Err(Stop::Refused(error)) => error,
        };
        let expected = error.problem().and_then(|problem| problem.expected);
        match expected {
            Some(expected) if tries < 3 => {
                tries += 1;
                // Sends them again; if they are gone, the end is that of what the server has.
                let kept = uploader.spool.acknowledged(expected).is_ok();
                if !kept || !matches!(uploader.run().await, Delivery::Done) || tries == 3 {
                    finish.events = expected;
                }
            }
            _ => {
                tracing::error!(command = %id, %error, "the server does not take its end");
                return Fate::Settled;
            }
        }
    }
}

fn gone(id: CommandId) -> Fate {
    tracing::info!(command = %id, "the server does not want it any more");
    Fate::Settled
}

/// The sender of what a spool holds.
pub(super) fn uploader(cx: &Cx, id: CommandId, spool: &std::sync::Arc<Spool>) -> Uploader {
    Uploader { client: cx.client.clone(), command: id, spool: std::sync::Arc::clone(spool) }
}
