use aei_core::api::{Node, NodeId, Page, PageQuery, Problem, UpdateNode};
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Reader, Writer};
use super::extract::{Json, Path, Query, Write};
use super::paging::{Cursor, Part};
use super::{ApiError, named};
use crate::command::{Command, DeleteNode};
use crate::state::AppState;
use crate::store::{Connection, commands, moment, nodes};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, update, delete))
}

/// The nodes, oldest first.
#[utoipa::path(
    get,
    path = "/nodes",
    tag = "nodes",
    params(PageQuery),
    responses(
        (status = 200, body = Page<Node>),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn list(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Node>>, ApiError> {
    let part = Part::new(&query, Cursor::START)?;
    let mut db = state.read().await?;
    let rows = nodes::page(&mut db, caller.user, part.from, part.rows()).await?;
    let given = commands::of_user(&mut db, caller.user).await?;
    let node = |row: nodes::NodeRow| {
        let place = row.cursor();
        let mut node = present(&state, row);
        let own = given.iter().filter(|(_, at)| *at == node.id);
        node.commands = own.map(|(command, _)| *command).collect();
        (place, node)
    };
    Ok(axum::Json(part.page(rows.into_iter().map(node).collect())))
}

/// A node.
#[utoipa::path(
    get,
    path = "/nodes/{id}",
    tag = "nodes",
    params(("id" = NodeId, Path, description = "The node.")),
    responses(
        (status = 200, body = Node),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn show(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<NodeId>,
) -> Result<axum::Json<Node>, ApiError> {
    let mut db = state.read().await?;
    let row = nodes::by_id(&mut db, caller.user, id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("node"))?;
    Ok(axum::Json(with_commands(&state, &mut db, row).await?))
}

/// Renames a node or sets its labels.
#[utoipa::path(
    patch,
    path = "/nodes/{id}",
    tag = "nodes",
    params(("id" = NodeId, Path, description = "The node.")),
    request_body = UpdateNode,
    responses(
        (status = 200, body = Node),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn update(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<NodeId>,
    write: Write,
    Json(change): Json<UpdateNode>,
) -> Result<axum::Json<Node>, ApiError> {
    let name = change.name.as_deref().map(named).transpose()?;
    let command = crate::command::UpdateNode { id, name, labels: change.labels };
    state.submit(write.envelope(caller.user, Command::UpdateNode(command))).await?;
    let mut db = state.read().await?;
    let row = nodes::by_id(&mut db, caller.user, id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("node"))?;
    Ok(axum::Json(with_commands(&state, &mut db, row).await?))
}

/// Removes a node: its token ends, what it has not ended is lost.
#[utoipa::path(
    delete,
    path = "/nodes/{id}",
    tag = "nodes",
    params(("id" = NodeId, Path, description = "The node.")),
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("session" = []), ("token" = [])),
)]
async fn delete(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<NodeId>,
    write: Write,
) -> Result<StatusCode, ApiError> {
    state.submit(write.envelope(caller.user, Command::DeleteNode(DeleteNode { id }))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A node with what is known of it in memory.
fn present(state: &AppState, row: nodes::NodeRow) -> Node {
    let mut node = row.into_node();
    node.presence = state.presence.of(node.id, state.config.patience());
    if let Some(wall) = state.presence.last_seen(node.id) {
        node.last_seen_at = node.last_seen_at.max(Some(moment(wall)));
    }
    node
}

async fn with_commands(
    state: &AppState,
    db: &mut Connection,
    row: nodes::NodeRow,
) -> Result<Node, ApiError> {
    let mut node = present(state, row);
    node.commands =
        commands::pending(db, node.id).await?.iter().map(commands::CommandRow::id).collect();
    Ok(node)
}
