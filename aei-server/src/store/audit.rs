use aei_core::api::{AuditEntry, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Connection, Micros, Result, moment, on};
use crate::api::paging::Cursor;
use crate::command::Envelope;

const INSERT: &str = "insert into audit_log (id, user_id, at, action, subject, address)
    values ($1, $2, $3, $4, $5, $6)";

/// One line for each command: the id is the command's.
pub(crate) async fn insert(
    db: &mut Connection,
    envelope: &Envelope,
    action: &str,
    subject: &str,
) -> Result<()> {
    on!(db, c => sqlx::query(INSERT)
        .bind(envelope.id)
        .bind(envelope.user.0)
        .bind(envelope.at)
        .bind(action)
        .bind(subject)
        .bind(&envelope.address)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct AuditRow {
    id: Uuid,
    user_id: Uuid,
    at: Micros,
    action: String,
    subject: String,
    address: Option<String>,
}

const PAGE: &str = "select id, user_id, at, action, subject, address from audit_log
    where user_id = $1 and (at < $2 or (at = $2 and id < $3))
    order by at desc, id desc limit $4";

/// Newest first, each with where it stands.
pub(crate) async fn page(
    db: &mut Connection,
    user: UserId,
    before: Cursor,
    limit: i64,
) -> Result<Vec<(Cursor, AuditEntry)>> {
    let rows: Vec<AuditRow> = on!(db, c => sqlx::query_as(PAGE)
        .bind(user.0)
        .bind(before.at)
        .bind(before.id)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    let entry = |row: AuditRow| {
        let cursor = Cursor { at: row.at, id: row.id };
        let entry = AuditEntry {
            at: moment(row.at),
            user_id: UserId(row.user_id),
            action: row.action,
            subject: row.subject,
            address: row.address,
        };
        (cursor, entry)
    };
    Ok(rows.into_iter().map(entry).collect())
}
