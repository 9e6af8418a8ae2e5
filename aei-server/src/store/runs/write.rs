use aei_core::api::{NodeRunState, RunOrigin, RunState, UserId};
use aei_core::event::{RunId, Status};

use super::super::json::text;
use super::super::{Connection, Micros, Result, on};
use super::read::state_name;
use crate::command::{ImportRun, StartRun};

const INSERT: &str = "insert into run
    (id, user_id, template, version, origin, state, request, created_at, keep_until)
    values ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8)";

/// Notes what was asked for.
pub(crate) async fn insert(
    db: &mut Connection,
    user: UserId,
    run: &StartRun,
    at: Micros,
) -> Result<()> {
    on!(db, c => sqlx::query(INSERT)
        .bind(run.id.0)
        .bind(user.0)
        .bind(&run.template)
        .bind(i64::from(run.version))
        .bind(text(&run.origin))
        .bind(text(&run.request))
        .bind(at)
        .bind(run.keep_until)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const IMPORT: &str = "insert into run
    (id, user_id, template, origin, state, status, created_at, started_at, finished_at)
    values ($1, $2, $3, $4, 'finished', $5, $6, $7, $8)";
const IMPORT_PART: &str = "insert into run_node
    (command_id, run_id, user_id, node_id, node_name, state, status, summary, next_seq,
        created_at, started_at, finished_at)
    values ($1, $2, $3, $4, $5, 'FINISHED', $6, $7, 0, $8, $9, $10)";

/// Notes a run that happened elsewhere.
pub(crate) async fn insert_imported(
    db: &mut Connection,
    user: UserId,
    run: &ImportRun,
    at: Micros,
) -> Result<()> {
    on!(&mut *db, c => sqlx::query(IMPORT)
        .bind(run.id.0)
        .bind(user.0)
        .bind(&run.template)
        .bind(text(&RunOrigin::Upload))
        .bind(run.status.as_str())
        .bind(at)
        .bind(run.started_at)
        .bind(run.finished_at)
        .execute(c)
        .await
        .map(drop))?;
    on!(db, c => sqlx::query(IMPORT_PART)
        .bind(run.command.0)
        .bind(run.id.0)
        .bind(user.0)
        .bind(run.node.0)
        .bind(&run.node_name)
        .bind(run.status.as_str())
        .bind(text(&run.summary))
        .bind(at)
        .bind(run.started_at)
        .bind(run.finished_at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const SET_STATE: &str = "update run set state = $2 where id = $1";

pub(crate) async fn set_state(db: &mut Connection, run: RunId, state: RunState) -> Result<()> {
    on!(db, c => sqlx::query(SET_STATE).bind(run.0).bind(state_name(state)).execute(c).await
        .map(drop))?;
    Ok(())
}

const REOPEN: &str = "update run set state = 'running', status = null, finished_at = null
    where id = $1 and state <> 'cancelling'";

/// A run goes on after all: a part of it was given to another node.
pub(crate) async fn reopen(db: &mut Connection, run: RunId) -> Result<()> {
    on!(db, c => sqlx::query(REOPEN).bind(run.0).execute(c).await.map(drop))?;
    Ok(())
}

const FINISH: &str = "update run set state = 'finished', status = $2,
        finished_at = coalesce(finished_at, $3)
    where id = $1";

/// Ends the run when all its nodes have ended; the verdict is the worst of theirs.
pub(crate) async fn settle(db: &mut Connection, run: RunId, at: Micros) -> Result<()> {
    let parts = super::parts(db, run).await?;
    let is_open = |state| matches!(state, NodeRunState::Start | NodeRunState::Running);
    if parts.iter().any(|part| is_open(part.state)) {
        return Ok(());
    }
    let verdict = verdict(parts.iter().filter_map(|part| part.status));
    on!(db, c => sqlx::query(FINISH).bind(run.0).bind(verdict.as_str()).bind(at).execute(c).await
        .map(drop))?;
    Ok(())
}

/// The worst that counts against the run, as in a summary of cases.
fn verdict(statuses: impl Iterator<Item = Status>) -> Status {
    let mut summary = aei_core::event::Summary::default();
    statuses.for_each(|status| summary.count(status, false));
    summary.status()
}

const DELETE: &str = "delete from run where id = $1";

/// Deletes a run; all its rows go with it.
pub(crate) async fn delete(db: &mut Connection, run: RunId) -> Result<()> {
    on!(db, c => sqlx::query(DELETE).bind(run.0).execute(c).await.map(drop))?;
    Ok(())
}
