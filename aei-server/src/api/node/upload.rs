use aei_core::api::{ArtifactKept, CommandId, EventsAccepted, Problem};
use aei_core::event::RunId;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::gone;
use crate::api::ApiError;
use crate::api::access::NodeCaller;
use crate::api::extract::{Path, Write};
use crate::command::{AppendEvents, Command, KeepArtifact};
use crate::ingest;
use crate::object::layout;
use crate::state::AppState;
use crate::store::runs;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(events)).routes(routes!(artifact)).routes(routes!(report))
}

async fn run_of(
    state: &AppState,
    caller: NodeCaller,
    id: CommandId,
) -> Result<(RunId, String), ApiError> {
    let mut db = state.read().await?;
    runs::of_command(&mut db, caller.node, id).await?.ok_or_else(gone)
}

/// Adds events of a command: NDJSON, in order, without gaps. What the server has is skipped.
#[utoipa::path(
    post,
    path = "/node/commands/{id}/events",
    tag = "node",
    params(("id" = CommandId, Path, description = "The command.")),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses(
        (status = 200, body = EventsAccepted),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("node" = [])),
)]
async fn events(
    State(state): State<AppState>,
    caller: NodeCaller,
    Path(id): Path<CommandId>,
    write: Write,
    body: String,
) -> Result<axum::Json<EventsAccepted>, ApiError> {
    let (run, template) = run_of(&state, caller, id).await?;
    let batch = ingest::read(body, run)?;
    let command = AppendEvents {
        node: caller.node,
        command: id,
        run,
        first: batch.first,
        next: batch.next,
        body: batch.body,
        lease: state.lease_micros(),
        template,
        cases: batch.cases,
        measurements: batch.measurements,
    };
    let answer = state.submit(write.envelope(caller.user, Command::AppendEvents(command))).await?;
    Ok(axum::Json(EventsAccepted { next_seq: answer["next_seq"].as_u64().unwrap_or(0) }))
}

/// Keeps a file that a step left.
#[utoipa::path(
    put,
    path = "/node/commands/{id}/artifacts/{path}",
    tag = "node",
    params(
        ("id" = CommandId, Path, description = "The command."),
        ("path" = String, Path, description = "Its path in the folder of the run."),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = ArtifactKept),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("node" = [])),
)]
async fn artifact(
    State(state): State<AppState>,
    caller: NodeCaller,
    Path((id, path)): Path<(CommandId, String)>,
    write: Write,
    headers: HeaderMap,
    body: Body,
) -> Result<axum::Json<ArtifactKept>, ApiError> {
    let (run, _) = run_of(&state, caller, id).await?;
    let place = layout::artifact(caller.user, caller.node, (run, id), &path)
        .map_err(|error| ApiError::unprocessable("bad-path", error.to_string()))?;
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or("application/octet-stream").to_owned();
    let limit = state.config.max_upload;
    let written = state.objects.put_stream(&place, body.into_data_stream(), limit).await?;
    let command = KeepArtifact {
        node: caller.node,
        command: id,
        path,
        media_type,
        size: written.size,
        sha256: written.sha256.clone(),
    };
    state.submit(write.envelope(caller.user, Command::KeepArtifact(command))).await?;
    Ok(axum::Json(ArtifactKept { size: written.size, sha256: written.sha256 }))
}

/// Keeps the report of a command.
#[utoipa::path(
    put,
    path = "/node/commands/{id}/report",
    tag = "node",
    params(("id" = CommandId, Path, description = "The command.")),
    request_body(content = String, content_type = "application/json"),
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("node" = [])),
)]
async fn report(
    State(state): State<AppState>,
    caller: NodeCaller,
    Path(id): Path<CommandId>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let (run, _) = run_of(&state, caller, id).await?;
    let (user, node) = (caller.user, caller.node);
    let place = layout::report(user, node, (run, id));
    let limit = state.config.max_upload;
    state.objects.put_stream(&place, body.into_data_stream(), limit).await?;
    state.objects.copy(&place, &layout::report_of_run(user, node, run)).await?;
    state.objects.copy(&place, &layout::latest_report(user, node)).await?;
    Ok(StatusCode::NO_CONTENT)
}
