//! What nodes do: register, listen, take, tell, finish.

mod stream;
mod upload;

use aei_core::api::{
    CommandId, CommandLease, FinishCommand, Heartbeat, HeartbeatReply, NodeId, PendingCommands,
    Problem, RegisterNode, RegisteredNode,
};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::NodeCaller;
use super::extract::{Json, Path, Write};
use super::{ApiError, named, secret};
use crate::command::{Command, DescribeNode, Envelope, RenewLeases, TakeCommand};
use crate::state::{AppState, fresh_id, now};
use crate::store::{commands, templates};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(heartbeat))
        .routes(routes!(pending))
        .routes(routes!(template))
        .routes(routes!(take))
        .routes(routes!(finish))
        .merge(upload::router())
}

/// Registers a node to a user, by an enrolment key of that user.
#[utoipa::path(
    post,
    path = "/node/register",
    tag = "node",
    request_body = RegisterNode,
    responses(
        (status = 201, body = RegisteredNode),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
)]
async fn register(
    State(state): State<AppState>,
    write: Write,
    Json(node): Json<RegisterNode>,
) -> Result<(StatusCode, axum::Json<RegisteredNode>), ApiError> {
    let token = secret::fresh("node")?;
    let id = NodeId(fresh_id());
    let command = crate::command::RegisterNode {
        id,
        name: named(&node.name)?,
        info: node.info,
        key_hash: secret::hash(&node.key),
        token_hash: secret::hash(&token),
    };
    let envelope = write.envelope(node.user_id, Command::RegisterNode(command));
    let answer = state.submit(envelope).await?;
    secret::is_first(&answer, "node_id", id.0)?;
    state.presence.seen(id, now(), &[], false);
    Ok((StatusCode::CREATED, axum::Json(RegisteredNode { node_id: id, token })))
}

/// A sign of life; renews the leases of what the node works at.
#[utoipa::path(
    post,
    path = "/node/heartbeat",
    tag = "node",
    request_body = Heartbeat,
    responses(
        (status = 200, body = HeartbeatReply),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("node" = [])),
)]
async fn heartbeat(
    State(state): State<AppState>,
    caller: NodeCaller,
    Json(beat): Json<Heartbeat>,
) -> Result<axum::Json<HeartbeatReply>, ApiError> {
    let at = now();
    let before = state.presence.of(caller.node, state.config.patience());
    state.presence.seen(caller.node, at, &beat.running, beat.draining);
    if before != state.presence.of(caller.node, state.config.patience()) {
        state.push.tell_of_node(caller.user, caller.node).await;
    }
    let envelope =
        |command| Envelope { id: fresh_id(), user: caller.user, at, address: None, command };
    if let Some(info) = beat.info {
        let command = Command::DescribeNode(DescribeNode { id: caller.node, info });
        state.submit(envelope(command)).await?;
    }
    let mut reply = HeartbeatReply {
        cancel: Vec::new(),
        gone: Vec::new(),
        interval_s: state.config.heartbeat.as_secs().max(1),
        now: Utc::now(),
    };
    if beat.running.is_empty() {
        return Ok(axum::Json(reply));
    }
    let held = {
        let mut db = state.read().await?;
        commands::pending(&mut db, caller.node).await?
    };
    let is_held = |id: CommandId| held.iter().any(|row| row.id() == id);
    reply.cancel = held.iter().filter(|row| row.cancel).map(commands::CommandRow::id).collect();
    reply.gone = beat.running.iter().copied().filter(|id| !is_held(*id)).collect();
    // A write only when the lease has come to its second half.
    let half = at + state.lease_micros() / 2;
    let is_due = |row: &&commands::CommandRow| {
        beat.running.contains(&row.id()) && row.lease_until().is_some_and(|until| until < half)
    };
    let due: Vec<CommandId> = held.iter().filter(is_due).map(commands::CommandRow::id).collect();
    if !due.is_empty() {
        let command = RenewLeases { node: caller.node, commands: due, lease: state.lease_micros() };
        state.submit(envelope(Command::RenewLeases(command))).await?;
    }
    Ok(axum::Json(reply))
}

/// What the node has to do: as server-sent events that stay open, or as JSON at once.
#[utoipa::path(
    get,
    path = "/node/commands",
    tag = "node",
    responses(
        (status = 200, content(
            (PendingCommands = "application/json"),
            (aei_core::api::NodeMessage = "text/event-stream"),
        )),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("node" = [])),
)]
async fn pending(
    State(state): State<AppState>,
    caller: NodeCaller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/event-stream")) {
        return Ok(stream::open(&state, caller).await?.into_response());
    }
    state.presence.seen_idle(caller.node, now());
    let mut db = state.read().await?;
    let rows = commands::pending(&mut db, caller.node).await?;
    let cancel = rows.iter().filter(|row| row.cancel).map(commands::CommandRow::id).collect();
    let commands = rows.iter().map(commands::CommandRow::command).collect::<Result<_, _>>()?;
    Ok(axum::Json(PendingCommands { commands, cancel }).into_response())
}

/// The template of a command, to the byte.
#[utoipa::path(
    get,
    path = "/node/commands/{id}/template",
    tag = "node",
    params(("id" = CommandId, Path, description = "The command.")),
    responses(
        (status = 200, body = String, content_type = "application/yaml"),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("node" = [])),
)]
async fn template(
    State(state): State<AppState>,
    caller: NodeCaller,
    Path(id): Path<CommandId>,
) -> Result<Response, ApiError> {
    let mut db = state.read().await?;
    let row = commands::of_node(&mut db, caller.node, id).await?;
    let wanted = row.ok_or_else(gone)?.command()?.template;
    let row = templates::version(&mut db, caller.user, &wanted.name, Some(wanted.version)).await?;
    let row = row.ok_or_else(|| ApiError::not_found("template"))?;
    drop(db);
    super::templates::bytes_of(&state, caller.user, &wanted.name, &row).await
}

/// Takes a command: START → RUNNING.
#[utoipa::path(
    post,
    path = "/node/commands/{id}/ack",
    tag = "node",
    params(("id" = CommandId, Path, description = "The command.")),
    responses(
        (status = 200, body = CommandLease),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("node" = [])),
)]
async fn take(
    State(state): State<AppState>,
    caller: NodeCaller,
    Path(id): Path<CommandId>,
    write: Write,
) -> Result<axum::Json<CommandLease>, ApiError> {
    let command = TakeCommand { node: caller.node, id, lease: state.lease_micros() };
    let answer = state.submit(write.envelope(caller.user, Command::TakeCommand(command))).await?;
    state.presence.seen(caller.node, write.at, &[id], false);
    Ok(axum::Json(CommandLease {
        lease_s: state.config.lease.as_secs(),
        next_seq: answer["next_seq"].as_u64().unwrap_or(0),
    }))
}

/// Ends a command: RUNNING → gone. The server must hold all its events.
#[utoipa::path(
    post,
    path = "/node/commands/{id}/finish",
    tag = "node",
    params(("id" = CommandId, Path, description = "The command.")),
    request_body = FinishCommand,
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("node" = [])),
)]
async fn finish(
    State(state): State<AppState>,
    caller: NodeCaller,
    Path(id): Path<CommandId>,
    write: Write,
    Json(end): Json<FinishCommand>,
) -> Result<StatusCode, ApiError> {
    let command = crate::command::FinishCommand {
        node: caller.node,
        id,
        status: end.status,
        summary: end.summary,
        events: end.events,
        reason: end.reason,
    };
    state.submit(write.envelope(caller.user, Command::FinishCommand(command))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A command that is not the node's any more, or never was.
fn gone() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "command-gone", "this command is not the node's any more")
}
