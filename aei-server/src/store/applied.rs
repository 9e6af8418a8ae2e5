//! Which commands have been applied, with their receipts: a command that comes again changes
//! nothing and gets the same answer.

use aei_core::api::UserId;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Connection, Micros, Result};
use crate::command::{Envelope, Receipt};

/// A command that was applied before.
#[derive(FromRow)]
pub(crate) struct AppliedRow {
    pub(crate) id: Uuid,
    user_id: Uuid,
    receipt: String,
}

impl AppliedRow {
    /// The receipt, for the user whose command it was.
    pub(crate) fn receipt(&self, user: UserId) -> Option<Receipt> {
        (self.user_id == user.0).then(|| serde_json::from_str(&self.receipt).ok()).flatten()
    }
}

const FIND_POSTGRES: &str = "select id, user_id, receipt from applied_command where id = any($1)";
const FIND_SQLITE: &str = "select id, user_id, receipt from applied_command where id = $1";

/// Those among `ids` that have been applied.
pub(crate) async fn find(db: &mut Connection, ids: &[Uuid]) -> Result<Vec<AppliedRow>> {
    match db {
        Connection::Postgres(c) => {
            Ok(sqlx::query_as(FIND_POSTGRES).bind(ids).fetch_all(&mut **c).await?)
        }
        Connection::Sqlite(c) => {
            let mut found = Vec::new();
            for id in ids {
                let row = sqlx::query_as(FIND_SQLITE).bind(id).fetch_optional(&mut **c).await?;
                found.extend(row);
            }
            Ok(found)
        }
    }
}

const INSERT_POSTGRES: &str = "insert into applied_command (id, user_id, receipt, at)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])";
const INSERT_SQLITE: &str =
    "insert into applied_command (id, user_id, receipt, at) values ($1, $2, $3, $4)";

/// Notes commands with their receipts.
pub(crate) async fn insert(
    db: &mut Connection,
    applied: &[(&Envelope, &Receipt)],
    at: Micros,
) -> Result<()> {
    let receipts: Vec<String> =
        applied.iter().map(|(_, receipt)| super::json::text(receipt)).collect();
    match db {
        Connection::Postgres(c) => {
            let ids: Vec<Uuid> = applied.iter().map(|(envelope, _)| envelope.id).collect();
            let users: Vec<Uuid> = applied.iter().map(|(envelope, _)| envelope.user.0).collect();
            sqlx::query(INSERT_POSTGRES)
                .bind(ids)
                .bind(users)
                .bind(receipts)
                .bind(vec![at; applied.len()])
                .execute(&mut **c)
                .await?;
        }
        Connection::Sqlite(c) => {
            for ((envelope, _), receipt) in applied.iter().zip(receipts) {
                sqlx::query(INSERT_SQLITE)
                    .bind(envelope.id)
                    .bind(envelope.user.0)
                    .bind(receipt)
                    .bind(at)
                    .execute(&mut **c)
                    .await?;
            }
        }
    }
    Ok(())
}
