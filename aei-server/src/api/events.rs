use std::convert::Infallible;

use aei_core::api::{AuditEntry, Page, PageQuery, Problem, UserEvent};
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt};
use tokio_stream::wrappers::BroadcastStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiError;
use super::access::Reader;
use super::extract::Query;
use super::paging::{Cursor, Part};
use crate::state::AppState;
use crate::store::audit;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(stream)).routes(routes!(log))
}

/// What changes, as it changes: server-sent events whose data is a `UserEvent`. After a
/// reconnect, ask anew for what you show.
#[utoipa::path(
    get,
    path = "/events",
    tag = "events",
    responses(
        (status = 200, body = UserEvent, content_type = "text/event-stream"),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn stream(
    State(state): State<AppState>,
    Reader(caller): Reader,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = BroadcastStream::new(state.push.listen_as_user(caller.user));
    // A page that is too slow misses words; it hears the next one and asks for all.
    let events = events.filter_map(|event| async move { event.ok() }).map(|event| {
        let name = match event {
            UserEvent::Node(_) => "node",
            UserEvent::Run(_) => "run",
            UserEvent::Templates => "templates",
            UserEvent::Settings => "settings",
        };
        let data = crate::store::text(&event);
        Ok(Event::default().event(name).data(data))
    });
    let stopping = state.stopping.clone();
    Sse::new(events.take_until(async move { stopping.cancelled().await }))
        .keep_alive(KeepAlive::default())
}

/// What was done in the account, newest first.
#[utoipa::path(
    get,
    path = "/audit",
    tag = "account",
    params(PageQuery),
    responses(
        (status = 200, body = Page<AuditEntry>),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn log(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<AuditEntry>>, ApiError> {
    let part = Part::new(&query, Cursor::END)?;
    let mut db = state.read().await?;
    let rows = audit::page(&mut db, caller.user, part.from, part.rows()).await?;
    Ok(axum::Json(part.page(rows)))
}
