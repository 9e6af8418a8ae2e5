use aei_core::api::{CommandId, NodeId, NodeRunState, RunNode, UserId};
use aei_core::event::{RunId, Status, Summary};
use sqlx::FromRow;
use uuid::Uuid;

use super::super::json::{JsonText, text};
use super::super::{Connection, Micros, Result, StoreError, moments, on};
use super::read::status_of;
use crate::command::RunPart;

/// One node's part of a run as it is kept.
#[derive(FromRow)]
pub(crate) struct PartRow {
    command_id: Uuid,
    run_id: Uuid,
    node_id: Uuid,
    node_name: String,
    state: String,
    status: Option<String>,
    summary: JsonText<Summary>,
    cases: Option<String>,
    reason: Option<String>,
    next_seq: i64,
    started_at: Option<Micros>,
    finished_at: Option<Micros>,
}

pub(super) const fn state_name(state: NodeRunState) -> &'static str {
    match state {
        NodeRunState::Start => "START",
        NodeRunState::Running => "RUNNING",
        NodeRunState::Finished => "FINISHED",
        NodeRunState::Lost => "LOST",
    }
}

impl PartRow {
    pub(crate) fn state(&self) -> NodeRunState {
        match self.state.as_str() {
            "RUNNING" => NodeRunState::Running,
            "FINISHED" => NodeRunState::Finished,
            "LOST" => NodeRunState::Lost,
            _ => NodeRunState::Start,
        }
    }

    pub(crate) const fn run(&self) -> RunId {
        RunId(self.run_id)
    }

    pub(crate) fn next_seq(&self) -> u64 {
        u64::try_from(self.next_seq).unwrap_or(0)
    }

    pub(crate) fn into_node(self) -> Result<RunNode> {
        let cases = self.cases.as_deref().map(serde_json::from_str).transpose();
        Ok(RunNode {
            node_id: NodeId(self.node_id),
            command: CommandId(self.command_id),
            state: self.state(),
            status: self.status.as_deref().and_then(status_of),
            summary: self.summary.0,
            cases: cases.map_err(|source| StoreError::Stored { what: "run_node.cases", source })?,
            name: self.node_name,
            reason: self.reason,
            started_at: moments(self.started_at),
            finished_at: moments(self.finished_at),
        })
    }
}

const PARTS: &str = "select command_id, run_id, node_id, node_name, state, status, summary, cases,
        reason, next_seq, started_at, finished_at
    from run_node where run_id = $1 order by created_at, command_id";

/// All parts of a run, in the order they were given.
pub(crate) async fn parts(db: &mut Connection, run: RunId) -> Result<Vec<RunNode>> {
    let rows: Vec<PartRow> = on!(db, c => sqlx::query_as(PARTS).bind(run.0).fetch_all(c).await)?;
    rows.into_iter().map(PartRow::into_node).collect()
}

const PART: &str = "select command_id, run_id, node_id, node_name, state, status, summary, cases,
        reason, next_seq, started_at, finished_at
    from run_node where command_id = $1 and node_id = $2";

/// A part, if it is this node's.
pub(crate) async fn part(
    db: &mut Connection,
    node: NodeId,
    command: CommandId,
) -> Result<Option<PartRow>> {
    Ok(on!(db, c => sqlx::query_as(PART).bind(command.0).bind(node.0).fetch_optional(c).await)?)
}

const OF_COMMAND: &str = "select n.run_id, r.template from run_node n join run r on r.id = n.run_id
    where n.command_id = $1 and n.node_id = $2";

/// The run and the template of a node's command, whether it has ended or not.
pub(crate) async fn of_command(
    db: &mut Connection,
    node: NodeId,
    command: CommandId,
) -> Result<Option<(RunId, String)>> {
    let row: Option<(Uuid, String)> = on!(db, c => sqlx::query_as(OF_COMMAND)
        .bind(command.0).bind(node.0).fetch_optional(c).await)?;
    Ok(row.map(|(run, template)| (RunId(run), template)))
}

const OPEN_OF_NODE: &str = "select command_id, run_id from run_node
    where node_id = $1 and state in ('START', 'RUNNING')";

/// What a node has not ended.
pub(crate) async fn open_of_node(
    db: &mut Connection,
    node: NodeId,
) -> Result<Vec<(CommandId, RunId)>> {
    let rows: Vec<(Uuid, Uuid)> =
        on!(db, c => sqlx::query_as(OPEN_OF_NODE).bind(node.0).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(command, run)| (CommandId(command), RunId(run))).collect())
}

const INSERT: &str = "insert into run_node
    (command_id, run_id, user_id, node_id, node_name, state, summary, cases, next_seq, created_at)
    values ($1, $2, $3, $4, $5, 'START', $6, $7, 0, $8)";

/// Notes that a node was given a part.
pub(crate) async fn insert_part(
    db: &mut Connection,
    user: UserId,
    part: &RunPart,
    at: Micros,
) -> Result<()> {
    let command = &part.command;
    on!(db, c => sqlx::query(INSERT)
        .bind(command.id.0)
        .bind(command.run_id.0)
        .bind(user.0)
        .bind(part.node.0)
        .bind(&part.node_name)
        .bind(text(&Summary::default()))
        .bind(command.cases.as_ref().map(text))
        .bind(at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const BEGAN: &str = "update run_node set state = 'RUNNING', started_at = $2 where command_id = $1";
const RUN_BEGAN: &str = "update run
    set started_at = coalesce(started_at, $2),
        state = case when state = 'waiting' then 'running' else state end
    where id = $1";

/// A node has taken its part.
pub(crate) async fn node_began(
    db: &mut Connection,
    run: RunId,
    command: CommandId,
    at: Micros,
) -> Result<()> {
    on!(&mut *db, c => sqlx::query(BEGAN).bind(command.0).bind(at).execute(c).await.map(drop))?;
    on!(db, c => sqlx::query(RUN_BEGAN).bind(run.0).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// The end of a part.
pub(crate) struct Ending<'a> {
    pub(crate) command: CommandId,
    pub(crate) state: NodeRunState,
    pub(crate) status: Status,
    /// What the node told; what is known of cases stays when it told nothing.
    pub(crate) summary: Option<Summary>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) at: Micros,
}

const ENDED: &str = "update run_node
    set state = $2, status = $3, summary = coalesce($4, summary), reason = $5, finished_at = $6
    where command_id = $1";

pub(crate) async fn node_ended(db: &mut Connection, ending: &Ending<'_>) -> Result<()> {
    on!(db, c => sqlx::query(ENDED)
        .bind(ending.command.0)
        .bind(state_name(ending.state))
        .bind(ending.status.as_str())
        .bind(ending.summary.as_ref().map(text))
        .bind(ending.reason)
        .bind(ending.at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const NEXT_SEQ: &str = "select next_seq from run_node where command_id = $1";

/// The sequence number wanted next.
pub(crate) async fn next_seq(db: &mut Connection, command: CommandId) -> Result<u64> {
    let next: Option<i64> =
        on!(db, c => sqlx::query_scalar(NEXT_SEQ).bind(command.0).fetch_optional(c).await)?;
    Ok(next.map_or(0, |next| u64::try_from(next).unwrap_or(0)))
}

const SET_NEXT_SEQ: &str = "update run_node set next_seq = $2 where command_id = $1";

pub(crate) async fn set_next_seq(db: &mut Connection, command: CommandId, next: u64) -> Result<()> {
    let next = i64::try_from(next).unwrap_or(i64::MAX);
    on!(db, c => sqlx::query(SET_NEXT_SEQ).bind(command.0).bind(next).execute(c).await.map(drop))?;
    Ok(())
}
