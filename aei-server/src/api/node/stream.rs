use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aei_core::api::{CommandId, NodeMessage};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream};
use tokio::sync::mpsc;

use crate::api::ApiError;
use crate::api::access::NodeCaller;
use crate::state::{AppState, now};
use crate::store::commands;

/// How often a silent stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A node's stream: first all that it has to do, then what comes, as it is committed.
struct CommandStream {
    waiting: std::vec::IntoIter<NodeMessage>,
    /// What the node was told at the start: listening began before reading, so it may come again.
    told: HashSet<CommandId>,
    messages: mpsc::Receiver<Arc<NodeMessage>>,
    stopping: tokio_util::sync::CancellationToken,
}

pub(super) async fn open(
    state: &AppState,
    caller: NodeCaller,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, ApiError> {
    state.presence.seen_idle(caller.node, now());
    let messages = state.push.listen_as_node(caller.node);
    let rows = {
        let mut db = state.read().await?;
        commands::pending(&mut db, caller.node).await?
    };
    let mut waiting = Vec::new();
    for row in &rows {
        waiting.push(NodeMessage::Command(Box::new(row.command()?)));
        if row.cancel {
            waiting.push(NodeMessage::Cancel(row.id()));
        }
    }
    let stream = CommandStream {
        told: rows.iter().map(commands::CommandRow::id).collect(),
        waiting: waiting.into_iter(),
        messages,
        stopping: state.stopping.clone(),
    };
    let events = stream::unfold(stream, |mut stream| async {
        let message = stream.next().await?;
        Some((Ok(event(&message)), stream))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl CommandStream {
    async fn next(&mut self) -> Option<Arc<NodeMessage>> {
        if let Some(message) = self.waiting.next() {
            return Some(Arc::new(message));
        }
        loop {
            let message = tokio::select! {
                message = self.messages.recv() => message?,
                () = self.stopping.cancelled() => return None,
            };
            let is_old = match &*message {
                NodeMessage::Command(command) => self.told.remove(&command.id),
                NodeMessage::Cancel(_) => false,
            };
            if !is_old {
                return Some(message);
            }
        }
    }
}

fn event(message: &NodeMessage) -> Event {
    match message {
        NodeMessage::Command(command) => {
            Event::default().event("command").data(crate::store::text(command))
        }
        NodeMessage::Cancel(id) => Event::default().event("cancel").data(crate::store::text(id)),
    }
}
