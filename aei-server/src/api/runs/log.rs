use std::convert::Infallible;
use std::time::Duration;

use aei_core::api::{CommandId, NDJSON, NodeId, Problem, UserEvent};
use aei_core::event::RunId;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::sync::broadcast;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::owned;
use crate::api::ApiError;
use crate::api::access::Reader;
use crate::api::extract::{Path, Query};
use crate::state::AppState;
use crate::store::{events, runs};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(run_events))
}

/// Whose events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EventsQuery {
    /// Of this node.
    #[param(value_type = String, format = Uuid)]
    node: NodeId,
    /// From this sequence number on.
    from: Option<u32>,
}

/// The events of a node in a run: as NDJSON, what there is; as server-sent events, what comes too,
/// until the node has ended.
#[utoipa::path(
    get,
    path = "/runs/{id}/events",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run."), EventsQuery),
    responses(
        (status = 200, content(
            (String = "application/x-ndjson"),
            (String = "text/event-stream"),
        )),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn run_events(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<RunId>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let news = state.push.listen_as_user(caller.user);
    let mut db = state.read().await?;
    owned(&mut db, caller.user, id).await?;
    let parts = runs::parts(&mut db, id).await?;
    drop(db);
    let own: Vec<CommandId> =
        parts.iter().filter(|part| part.node_id == query.node).map(|part| part.command).collect();
    // The last part: a node has several when it took over what another lost.
    let command = *own.last().ok_or_else(|| ApiError::not_found("node in this run"))?;
    let reader = LogReader {
        state,
        run: id,
        command,
        node: query.node,
        next: i64::from(query.from.unwrap_or(0)),
        news,
        ended: false,
    };
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/event-stream")) {
        let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
        return Ok(Sse::new(live(reader)).keep_alive(keep_alive).into_response());
    }
    let body = stream::try_unfold(reader, |mut reader| async {
        let text = reader.read().await.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(text.map(|text| (text, reader)))
    });
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(body)).into_response())
}

struct LogReader {
    state: AppState,
    run: RunId,
    node: NodeId,
    command: CommandId,
    next: i64,
    news: broadcast::Receiver<UserEvent>,
    ended: bool,
}

/// How many batches of events are read at a time.
const BATCHES: i64 = 16;

impl LogReader {
    /// The next piece of what is stored; nothing when there is no more yet.
    async fn read(&mut self) -> Result<Option<String>, crate::store::StoreError> {
        let mut db = self.state.database.connection().await?;
        let rows = events::after(&mut db, self.command, self.next, BATCHES).await?;
        let mut text = String::new();
        for row in rows {
            let held = row.next_seq - i64::try_from(row.body.lines().count()).unwrap_or(0);
            let known = usize::try_from(self.next - held).unwrap_or(0);
            for line in row.body.lines().skip(known) {
                text.push_str(line);
                text.push('\n');
            }
            self.next = row.next_seq;
        }
        Ok((!text.is_empty()).then_some(text))
    }

    async fn has_ended(&self) -> Result<bool, crate::store::StoreError> {
        use aei_core::api::NodeRunState::{Finished, Lost};
        let mut db = self.state.database.connection().await?;
        let part = runs::part(&mut db, self.node, self.command).await?;
        Ok(part.is_none_or(|part| matches!(part.state(), Finished | Lost)))
    }

    /// The next piece, waiting for it; nothing when the node has ended and all was read.
    async fn follow(&mut self) -> Result<Option<String>, crate::store::StoreError> {
        loop {
            if let Some(text) = self.read().await? {
                return Ok(Some(text));
            }
            if self.ended {
                return Ok(None);
            }
            if self.has_ended().await? {
                // Once more: the last events may have come in between.
                self.ended = true;
                continue;
            }
            loop {
                let news = tokio::select! {
                    news = self.news.recv() => news,
                    () = self.state.stopping.cancelled() => return Ok(None),
                };
                match news {
                    Ok(UserEvent::Run(run)) if run == self.run => break,
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => break,
                    Err(broadcast::error::RecvError::Closed) => return Ok(None),
                }
            }
        }
    }
}

fn live(reader: LogReader) -> impl Stream<Item = Result<Event, Infallible>> {
    let pieces = stream::unfold(reader, |mut reader| async {
        match reader.follow().await {
            Ok(Some(text)) => Some((text, reader)),
            Ok(None) => None,
            Err(error) => {
                tracing::warn!(error = %error, "a live log ends early");
                None
            }
        }
    });
    pieces.flat_map(|text| {
        let lines: Vec<_> =
            text.lines().map(|line| Ok(Event::default().event("event").data(line))).collect();
        stream::iter(lines)
    })
}
