//! The table `node_command`: what each node has to do. A row that is done is gone.

use aei_core::api::{CommandId, CommandState, NodeCommand, NodeId, UserId};
use aei_core::event::RunId;
use sqlx::FromRow;
use uuid::Uuid;

use super::json::text;
use super::{Connection, Micros, Result, StoreError, on, runs};
use crate::command::RunPart;

/// A command as it is kept.
#[derive(FromRow)]
pub(crate) struct CommandRow {
    id: Uuid,
    node_id: Uuid,
    user_id: Uuid,
    run_id: Uuid,
    status: String,
    payload: String,
    pub(crate) cancel: bool,
    lease_until: Option<Micros>,
}

impl CommandRow {
    pub(crate) const fn id(&self) -> CommandId {
        CommandId(self.id)
    }

    pub(crate) const fn node(&self) -> NodeId {
        NodeId(self.node_id)
    }

    pub(crate) const fn user(&self) -> UserId {
        UserId(self.user_id)
    }

    pub(crate) const fn run(&self) -> RunId {
        RunId(self.run_id)
    }

    pub(crate) const fn lease_until(&self) -> Option<Micros> {
        self.lease_until
    }

    pub(crate) fn is_running(&self) -> bool {
        self.status == "RUNNING"
    }

    /// What the node is told.
    pub(crate) fn command(&self) -> Result<NodeCommand> {
        let mut command: NodeCommand = serde_json::from_str(&self.payload)
            .map_err(|source| StoreError::Stored { what: "node_command.payload", source })?;
        command.state = if self.is_running() { CommandState::Running } else { CommandState::Start };
        Ok(command)
    }
}

const PENDING: &str = "select id, node_id, user_id, run_id, status, payload, cancel, lease_until
    from node_command where node_id = $1 order by created_at, id";

/// All that a node has to do, oldest first.
pub(crate) async fn pending(db: &mut Connection, node: NodeId) -> Result<Vec<CommandRow>> {
    Ok(on!(db, c => sqlx::query_as(PENDING).bind(node.0).fetch_all(c).await)?)
}

const OF_NODE: &str = "select id, node_id, user_id, run_id, status, payload, cancel, lease_until
    from node_command where id = $1 and node_id = $2";

/// A command, if it is this node's.
pub(crate) async fn of_node(
    db: &mut Connection,
    node: NodeId,
    id: CommandId,
) -> Result<Option<CommandRow>> {
    Ok(on!(db, c => sqlx::query_as(OF_NODE).bind(id.0).bind(node.0).fetch_optional(c).await)?)
}

const BY_ID: &str = "select id, node_id, user_id, run_id, status, payload, cancel, lease_until
    from node_command where id = $1";

pub(crate) async fn by_id(db: &mut Connection, id: CommandId) -> Result<Option<CommandRow>> {
    Ok(on!(db, c => sqlx::query_as(BY_ID).bind(id.0).fetch_optional(c).await)?)
}

const OF_RUN: &str = "select id, node_id, user_id, run_id, status, payload, cancel, lease_until
    from node_command where run_id = $1 order by created_at, id";

/// The commands of a run that are not done.
pub(crate) async fn of_run(db: &mut Connection, run: RunId) -> Result<Vec<CommandRow>> {
    Ok(on!(db, c => sqlx::query_as(OF_RUN).bind(run.0).fetch_all(c).await)?)
}

const OF_USER: &str = "select id, node_id from node_command where user_id = $1
    order by created_at, id";

/// Which commands each node of a user has.
pub(crate) async fn of_user(db: &mut Connection, user: UserId) -> Result<Vec<(CommandId, NodeId)>> {
    let rows: Vec<(Uuid, Uuid)> =
        on!(db, c => sqlx::query_as(OF_USER).bind(user.0).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id, node)| (CommandId(id), NodeId(node))).collect())
}

const OVERDUE: &str = "select id, node_id, user_id, run_id, status, payload, cancel, lease_until
    from node_command where lease_until < $1 order by lease_until limit 1000";

/// Commands whose nodes have not been heard of in time.
pub(crate) async fn overdue(db: &mut Connection, now: Micros) -> Result<Vec<CommandRow>> {
    Ok(on!(db, c => sqlx::query_as(OVERDUE).bind(now).fetch_all(c).await)?)
}

const INSERT: &str = "insert into node_command
    (id, node_id, user_id, run_id, status, payload, cancel, created_at, lease_until)
    values ($1, $2, $3, $4, 'START', $5, false, $6, null)";

/// Gives a node its part of a run.
pub(crate) async fn give(
    db: &mut Connection,
    user: UserId,
    part: &RunPart,
    at: Micros,
) -> Result<()> {
    runs::insert_part(db, user, part, at).await?;
    on!(db, c => sqlx::query(INSERT)
        .bind(part.command.id.0)
        .bind(part.node.0)
        .bind(user.0)
        .bind(part.command.run_id.0)
        .bind(text(&part.command))
        .bind(at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const SET_RUNNING: &str =
    "update node_command set status = 'RUNNING', lease_until = $2 where id = $1";

pub(crate) async fn set_running(
    db: &mut Connection,
    id: CommandId,
    lease_until: Micros,
) -> Result<()> {
    on!(db, c => sqlx::query(SET_RUNNING).bind(id.0).bind(lease_until).execute(c).await
        .map(drop))?;
    Ok(())
}

const RENEW: &str = "update node_command set lease_until = $3
    where id = $1 and node_id = $2 and status = 'RUNNING'";

pub(crate) async fn renew(
    db: &mut Connection,
    node: NodeId,
    id: CommandId,
    lease_until: Micros,
) -> Result<()> {
    on!(db, c => sqlx::query(RENEW).bind(id.0).bind(node.0).bind(lease_until).execute(c).await
        .map(drop))?;
    Ok(())
}

const ASK_TO_CANCEL: &str = "update node_command set cancel = true where id = $1";

pub(crate) async fn ask_to_cancel(db: &mut Connection, id: CommandId) -> Result<()> {
    on!(db, c => sqlx::query(ASK_TO_CANCEL).bind(id.0).execute(c).await.map(drop))?;
    Ok(())
}

const DELETE: &str = "delete from node_command where id = $1";

pub(crate) async fn delete(db: &mut Connection, id: CommandId) -> Result<()> {
    on!(db, c => sqlx::query(DELETE).bind(id.0).execute(c).await.map(drop))?;
    Ok(())
}
