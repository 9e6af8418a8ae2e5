//! Runs over nodes: begun, watched, cancelled, read.

mod import;
mod log;
mod reports;

use aei_core::api::{CaseHistory, NewRun, Page, PageQuery, Problem, Run, RunCase, RunOrigin};
use aei_core::event::RunId;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::ApiError;
use super::access::{Reader, Writer};
use super::extract::{Json, Path, Query, Write};
use super::paging::{Cursor, Part, Place};
use crate::command::{CancelRun, Command, DeleteRun, Envelope};
use crate::dispatch;
use crate::object::layout;
use crate::state::AppState;
use crate::store::{Connection, cases, runs};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, start))
        .routes(routes!(show, delete))
        .routes(routes!(cancel))
        .routes(routes!(run_cases))
        .routes(routes!(history))
        .merge(log::router())
        .merge(reports::router())
        .merge(import::router())
}

/// Which runs.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
struct RunsQuery {
    /// Of this template only.
    template: Option<String>,
    /// Where to go on: the `next` of the part before.
    cursor: Option<String>,
    /// How many entries, 1 to 500; 100 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// The runs, newest first.
#[utoipa::path(
    get,
    path = "/runs",
    tag = "runs",
    params(RunsQuery),
    responses(
        (status = 200, body = Page<Run>),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn list(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Query(query): Query<RunsQuery>,
) -> Result<axum::Json<Page<Run>>, ApiError> {
    let RunsQuery { template, cursor, limit } = query;
    let part = Part::new(&PageQuery { cursor, limit }, Cursor::END)?;
    let mut db = state.read().await?;
    let found =
        runs::page(&mut db, caller.user, template.as_deref(), part.from, part.rows()).await?;
    let ids: Vec<RunId> = found.iter().map(|row| row.run.id).collect();
    let summaries = runs::summaries(&mut db, &ids).await?;
    let rows = found.into_iter().map(|row| {
        let place = row.cursor();
        let mut run = row.run;
        run.summary = summaries.get(&run.id).copied().unwrap_or_default();
        (place, run)
    });
    Ok(axum::Json(part.page(rows.collect())))
}

/// Begins a run: nodes are given their commands.
#[utoipa::path(
    post,
    path = "/runs",
    tag = "runs",
    request_body = NewRun,
    responses(
        (status = 201, body = Run),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn start(
    State(state): State<AppState>,
    Writer(caller): Writer,
    write: Write,
    Json(request): Json<NewRun>,
) -> Result<(StatusCode, axum::Json<Run>), ApiError> {
    let id = RunId(write.id);
    let begun = (id, RunOrigin::Request, write.at);
    let command = {
        let mut db = state.read().await?;
        dispatch::plan(&mut db, caller.user, request, begun, state.config.keep_days).await?
    };
    state.submit(write.envelope(caller.user, Command::StartRun(command))).await?;
    Ok((StatusCode::CREATED, axum::Json(run_of(&state, caller.user, id).await?)))
}

/// A run with its nodes.
#[utoipa::path(
    get,
    path = "/runs/{id}",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run.")),
    responses(
        (status = 200, body = Run),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn show(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<RunId>,
) -> Result<axum::Json<Run>, ApiError> {
    Ok(axum::Json(run_of(&state, caller.user, id).await?))
}

/// Stops a run: nodes at work are told, the others never begin.
#[utoipa::path(
    post,
    path = "/runs/{id}/cancel",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run.")),
    responses(
        (status = 200, body = Run),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn cancel(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<RunId>,
    write: Write,
) -> Result<axum::Json<Run>, ApiError> {
    let command = Command::CancelRun(CancelRun { id });
    state.submit(write.envelope(caller.user, command)).await?;
    Ok(axum::Json(run_of(&state, caller.user, id).await?))
}

/// Deletes a run that has ended, with its reports.
#[utoipa::path(
    delete,
    path = "/runs/{id}",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run.")),
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("session" = []), ("token" = [])),
)]
async fn delete(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<RunId>,
    write: Write,
) -> Result<StatusCode, ApiError> {
    let envelope = write.envelope(caller.user, Command::DeleteRun(DeleteRun { id }));
    forget(&state, id, envelope).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a run, then what it left in the object store.
pub(crate) async fn forget(
    state: &AppState,
    id: RunId,
    envelope: Envelope,
) -> Result<(), ApiError> {
    let parts = {
        let mut db = state.read().await?;
        runs::parts(&mut db, id).await?
    };
    let user = envelope.user;
    state.submit(envelope).await?;
    for node in parts.into_iter().map(|part| part.node_id) {
        state.objects.delete_below(&layout::run_of_node(user, node, id)).await?;
        state.objects.delete(&layout::report_of_run(user, node, id)).await?;
    }
    Ok(())
}

impl Place for cases::CasePlace {
    fn write(&self) -> String {
        format!("{}.{}", self.command.simple(), self.index)
    }

    fn read(text: &str) -> Option<Self> {
        let (command, index) = text.split_once('.')?;
        Some(Self { command: command.parse().ok()?, index: index.parse().ok()? })
    }
}

/// The cases of a run, node by node, as far as they have come.
#[utoipa::path(
    get,
    path = "/runs/{id}/cases",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run."), PageQuery),
    responses(
        (status = 200, body = Page<RunCase>),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn run_cases(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<RunId>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<RunCase>>, ApiError> {
    let start = cases::CasePlace { command: Uuid::nil(), index: -1 };
    let part = Part::new(&query, start)?;
    let mut db = state.read().await?;
    owned(&mut db, caller.user, id).await?;
    Ok(axum::Json(part.page(cases::of_run(&mut db, id, part.from, part.rows()).await?)))
}

/// Which case.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct HistoryQuery {
    /// The id of the case, with its matrix values.
    case: String,
    /// How many times to look back, 1 to 500; 100 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// How a case has done over time, newest first.
#[utoipa::path(
    get,
    path = "/templates/{name}/history",
    tag = "runs",
    params(("name" = String, Path, description = "The template's name."), HistoryQuery),
    responses(
        (status = 200, body = CaseHistory),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn history(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(template): Path<String>,
    Query(query): Query<HistoryQuery>,
) -> Result<axum::Json<CaseHistory>, ApiError> {
    let limit = PageQuery { cursor: None, limit: query.limit };
    let part = Part::new(&limit, String::new())?;
    let mut db = state.read().await?;
    let about = (template.as_str(), query.case.as_str());
    let outcomes = cases::history(&mut db, caller.user, about, part.rows() - 1).await?;
    Ok(axum::Json(CaseHistory { template, case: query.case, outcomes }))
}

/// Answers 404 for a run of somebody else.
pub(super) async fn owned(
    db: &mut Connection,
    user: aei_core::api::UserId,
    id: RunId,
) -> Result<Run, ApiError> {
    let row = runs::by_id(db, user, id).await?;
    row.map(|row| row.run).ok_or_else(|| ApiError::not_found("run"))
}

async fn run_of(state: &AppState, user: aei_core::api::UserId, id: RunId) -> Result<Run, ApiError> {
    let mut db = state.read().await?;
    let mut run = owned(&mut db, user, id).await?;
    run.nodes = runs::parts(&mut db, id).await?;
    run.summary = runs::summaries(&mut db, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(run)
}
