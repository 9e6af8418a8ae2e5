//! What became of each case, for live pages and for history.

use aei_core::api::{CaseOutcome, CommandId, NodeId, RunCase, UserId};
use aei_core::event::{RunId, Status};
use sqlx::FromRow;
use uuid::Uuid;

use super::runs::status_of;
use super::{Connection, Micros, Result, moment, on};
use crate::command::{CaseEnd, CaseRow, CaseStart, MeasurementRow};

/// Whose cases they are.
pub(crate) struct Owner<'a> {
    pub(crate) command: CommandId,
    pub(crate) run: RunId,
    pub(crate) node: NodeId,
    pub(crate) user: UserId,
    pub(crate) template: &'a str,
}

const STARTED: &str = "insert into case_result
    (command_id, case_index, run_id, node_id, user_id, template, case_id, name, role, flaky,
        started_at, status, duration_us, reason)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    on conflict (command_id, case_index) do update
    set started_at = excluded.started_at, status = excluded.status, flaky = excluded.flaky,
        duration_us = excluded.duration_us, reason = excluded.reason";
const ENDED: &str = "update case_result
    set status = $3, flaky = $4, duration_us = $5, reason = $6
    where command_id = $1 and case_index = $2";

/// Takes over what events tell of cases.
pub(crate) async fn upsert(
    db: &mut Connection,
    owner: &Owner<'_>,
    cases: &[CaseRow],
) -> Result<()> {
    for case in cases {
        match (&case.started, &case.ended) {
            (Some(start), end) => started(db, owner, case.index, start, end.as_ref()).await?,
            (None, Some(end)) => ended(db, owner, case.index, end).await?,
            (None, None) => {}
        }
    }
    Ok(())
}

fn duration(end: &CaseEnd) -> i64 {
    i64::try_from(end.duration_us).unwrap_or(i64::MAX)
}

async fn started(
    db: &mut Connection,
    owner: &Owner<'_>,
    index: u32,
    start: &CaseStart,
    end: Option<&CaseEnd>,
) -> Result<()> {
    on!(db, c => sqlx::query(STARTED)
        .bind(owner.command.0)
        .bind(i64::from(index))
        .bind(owner.run.0)
        .bind(owner.node.0)
        .bind(owner.user.0)
        .bind(owner.template)
        .bind(&start.id)
        .bind(&start.name)
        .bind(&start.role)
        .bind(end.is_some_and(|end| end.flaky))
        .bind(start.at)
        .bind(end.map(|end| end.status.as_str()))
        .bind(end.map(duration))
        .bind(end.and_then(|end| end.reason.as_deref()))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

async fn ended(db: &mut Connection, owner: &Owner<'_>, index: u32, end: &CaseEnd) -> Result<()> {
    on!(db, c => sqlx::query(ENDED)
        .bind(owner.command.0)
        .bind(i64::from(index))
        .bind(end.status.as_str())
        .bind(end.flaky)
        .bind(duration(end))
        .bind(&end.reason)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const INSERT_MEASUREMENT: &str = "insert into measurement
    (command_id, seq, place, run_id, node_id, user_id, template, case_id, name, unit, value, low,
        high, passed, at)
    select $1, $2, $3, $4, $5, $6, $7, case_id, $9, $10, $11, $12, $13, $14, $15
    from case_result where command_id = $1 and case_index = $8
    on conflict do nothing";

pub(crate) async fn insert_measurements(
    db: &mut Connection,
    owner: &Owner<'_>,
    rows: &[MeasurementRow],
) -> Result<()> {
    for row in rows {
        on!(&mut *db, c => sqlx::query(INSERT_MEASUREMENT)
            .bind(owner.command.0)
            .bind(i64::try_from(row.seq).unwrap_or(i64::MAX))
            .bind(i64::from(row.place))
            .bind(owner.run.0)
            .bind(owner.node.0)
            .bind(owner.user.0)
            .bind(owner.template)
            .bind(i64::from(row.case))
            .bind(&row.name)
            .bind(&row.unit)
            .bind(row.value)
            .bind(row.low)
            .bind(row.high)
            .bind(row.passed)
            .bind(row.at)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

#[derive(FromRow)]
struct CaseResultRow {
    node_id: Uuid,
    command_id: Uuid,
    case_index: i64,
    case_id: String,
    name: String,
    status: Option<String>,
    flaky: bool,
    started_at: Micros,
    duration_us: Option<i64>,
    reason: Option<String>,
}

/// Where a case stands in a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CasePlace {
    pub(crate) command: Uuid,
    pub(crate) index: i64,
}

const OF_RUN: &str = "select node_id, command_id, case_index, case_id, name, status, flaky,
        started_at, duration_us, reason
    from case_result
    where run_id = $1 and (command_id > $2 or (command_id = $2 and case_index > $3))
    order by command_id, case_index limit $4";

/// The cases of a run, node by node.
pub(crate) async fn of_run(
    db: &mut Connection,
    run: RunId,
    after: CasePlace,
    limit: i64,
) -> Result<Vec<(CasePlace, RunCase)>> {
    let rows: Vec<CaseResultRow> = on!(db, c => sqlx::query_as(OF_RUN)
        .bind(run.0)
        .bind(after.command)
        .bind(after.index)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().map(case_of).collect())
}

fn case_of(row: CaseResultRow) -> (CasePlace, RunCase) {
    let place = CasePlace { command: row.command_id, index: row.case_index };
    let case = RunCase {
        node_id: NodeId(row.node_id),
        case: u32::try_from(row.case_index).unwrap_or(u32::MAX),
        id: row.case_id,
        name: row.name,
        status: row.status.as_deref().and_then(status_of),
        flaky: row.flaky,
        started_at: moment(row.started_at),
        duration_us: row.duration_us.map(|us| u64::try_from(us).unwrap_or(0)),
        reason: row.reason,
    };
    (place, case)
}

#[derive(FromRow)]
struct HistoryRow {
    run_id: Uuid,
    node_id: Uuid,
    status: String,
    flaky: bool,
    started_at: Micros,
    duration_us: i64,
}

const HISTORY: &str = "select run_id, node_id, status, flaky, started_at, duration_us
    from case_result
    where user_id = $1 and template = $2 and case_id = $3 and status is not null
        and duration_us is not null
    order by started_at desc limit $4";

/// How a case has done, newest first.
pub(crate) async fn history(
    db: &mut Connection,
    user: UserId,
    (template, case): (&str, &str),
    limit: i64,
) -> Result<Vec<CaseOutcome>> {
    let rows: Vec<HistoryRow> = on!(db, c => sqlx::query_as(HISTORY)
        .bind(user.0)
        .bind(template)
        .bind(case)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    let outcome = |row: HistoryRow| CaseOutcome {
        run_id: RunId(row.run_id),
        node_id: NodeId(row.node_id),
        status: status_of(&row.status).unwrap_or(Status::Errored),
        flaky: row.flaky,
        started_at: moment(row.started_at),
        duration_us: u64::try_from(row.duration_us).unwrap_or(0),
    };
    Ok(rows.into_iter().map(outcome).collect())
}

const BAD: &str = "select node_id, case_id from case_result
    where run_id = $1 and role = 'case' and status not in ('passed', 'skipped')
    order by node_id, case_index";

/// Which cases of a run did not pass, and where.
pub(crate) async fn not_passed(db: &mut Connection, run: RunId) -> Result<Vec<(NodeId, String)>> {
    let rows: Vec<(Uuid, String)> =
        on!(db, c => sqlx::query_as(BAD).bind(run.0).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(node, case)| (NodeId(node), case)).collect())
}

const MEANS: &str = "select case_id, cast(avg(duration_us) as bigint) from case_result
    where user_id = $1 and template = $2 and duration_us is not null group by case_id";

/// How long each case of a template has taken on average, in microseconds.
pub(crate) async fn mean_durations(
    db: &mut Connection,
    user: UserId,
    template: &str,
) -> Result<Vec<(String, i64)>> {
    Ok(on!(db, c => sqlx::query_as(MEANS).bind(user.0).bind(template).fetch_all(c).await)?)
}
