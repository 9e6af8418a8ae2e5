use std::collections::HashMap;

use aei_core::api::{Run, RunState, UserId};
use aei_core::event::{RunId, Status, Summary};
use sqlx::FromRow;
use uuid::Uuid;

use super::super::{Connection, Micros, Result, StoreError, moment, moments, on};
use crate::api::paging::Cursor;

/// A run as it is kept.
#[derive(FromRow)]
struct StoredRun {
    id: Uuid,
    template: String,
    version: Option<i64>,
    origin: String,
    state: String,
    status: Option<String>,
    request: Option<String>,
    created_at: Micros,
    started_at: Option<Micros>,
    finished_at: Option<Micros>,
}

/// A run, its nodes and its counts not yet looked up.
pub(crate) struct RunRow {
    pub(crate) run: Run,
    pub(crate) state: RunState,
}

impl RunRow {
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor { at: self.run.created_at.timestamp_micros(), id: self.run.id.0 }
    }
}

pub(super) const fn state_name(state: RunState) -> &'static str {
    match state {
        RunState::Waiting => "waiting",
        RunState::Running => "running",
        RunState::Cancelling => "cancelling",
        RunState::Finished => "finished",
    }
}

fn state_of(name: &str) -> RunState {
    match name {
        "running" => RunState::Running,
        "cancelling" => RunState::Cancelling,
        "finished" => RunState::Finished,
        _ => RunState::Waiting,
    }
}

/// The word of a status back into the status.
pub(crate) fn status_of(name: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.as_str() == name)
}

impl TryFrom<StoredRun> for RunRow {
    type Error = StoreError;

    fn try_from(row: StoredRun) -> Result<Self> {
        let stored = |what| move |source| StoreError::Stored { what, source };
        let request = row.request.as_deref().map(serde_json::from_str).transpose();
        let state = state_of(&row.state);
        let run = Run {
            id: RunId(row.id),
            template: row.template,
            version: row.version.and_then(|version| u32::try_from(version).ok()),
            origin: serde_json::from_str(&row.origin).map_err(stored("run.origin"))?,
            state,
            status: row.status.as_deref().and_then(status_of),
            summary: Summary::default(),
            request: request.map_err(stored("run.request"))?,
            created_at: moment(row.created_at),
            started_at: moments(row.started_at),
            finished_at: moments(row.finished_at),
            nodes: Vec::new(),
        };
        Ok(Self { run, state })
    }
}

const BY_ID: &str = "select id, template, version, origin, state, status, request, created_at,
        started_at, finished_at
    from run where id = $1 and user_id = $2";

pub(crate) async fn by_id(db: &mut Connection, user: UserId, id: RunId) -> Result<Option<RunRow>> {
    let row: Option<StoredRun> = on!(db, c => sqlx::query_as(BY_ID).bind(id.0).bind(user.0)
        .fetch_optional(c).await)?;
    row.map(TryInto::try_into).transpose()
}

const PAGE: &str = "select id, template, version, origin, state, status, request, created_at,
        started_at, finished_at
    from run
    where user_id = $1 and (created_at < $2 or (created_at = $2 and id < $3))
    order by created_at desc, id desc limit $4";
const PAGE_OF_TEMPLATE: &str = "select id, template, version, origin, state, status, request,
        created_at, started_at, finished_at
    from run
    where user_id = $1 and (created_at < $2 or (created_at = $2 and id < $3)) and template = $5
    order by created_at desc, id desc limit $4";

/// Newest first, of one template or of all.
pub(crate) async fn page(
    db: &mut Connection,
    user: UserId,
    template: Option<&str>,
    before: Cursor,
    limit: i64,
) -> Result<Vec<RunRow>> {
    let rows: Vec<StoredRun> = on!(db, c => {
        let text = if template.is_some() { PAGE_OF_TEMPLATE } else { PAGE };
        let query = sqlx::query_as(text).bind(user.0).bind(before.at).bind(before.id).bind(limit);
        match template {
            Some(template) => query.bind(template).fetch_all(c).await,
            None => query.fetch_all(c).await,
        }
    })?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The counts of runs: of a node that has ended as it told, of one at work as far as it has come.
pub(crate) async fn summaries(
    db: &mut Connection,
    runs: &[RunId],
) -> Result<HashMap<RunId, Summary>> {
    let mut summaries = HashMap::new();
    for &run in runs {
        let mut sum = Summary::default();
        for part in super::parts(db, run).await? {
            add(&mut sum, &part.summary);
        }
        summaries.insert(run, sum);
    }
    Ok(summaries)
}

fn add(sum: &mut Summary, part: &Summary) {
    sum.total += part.total;
    sum.passed += part.passed;
    sum.failed += part.failed;
    sum.errored += part.errored;
    sum.skipped += part.skipped;
    sum.timed_out += part.timed_out;
    sum.cancelled += part.cancelled;
    sum.refused += part.refused;
    sum.flaky += part.flaky;
}

const EXPIRED: &str = "select id, user_id from run
    where keep_until < $1 and state = 'finished' order by keep_until limit 100";

/// Runs whose time is over.
pub(crate) async fn expired(db: &mut Connection, now: Micros) -> Result<Vec<(RunId, UserId)>> {
    let rows: Vec<(Uuid, Uuid)> =
        on!(db, c => sqlx::query_as(EXPIRED).bind(now).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(run, user)| (RunId(run), UserId(user))).collect())
}
