use std::collections::BTreeMap;

use aei_core::api::{EnrolmentKey, EnrolmentKeyId, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use super::json::{JsonText, text};
use super::{Connection, Micros, Result, moment, moments, on};
use crate::command::CreateEnrolmentKey;

/// An enrolment key as it is kept.
#[derive(FromRow)]
pub(crate) struct KeyRow {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    name: String,
    pub(crate) labels: JsonText<BTreeMap<String, String>>,
    created_at: Micros,
    pub(crate) expires_at: Option<Micros>,
    pub(crate) uses_left: Option<i64>,
}

impl From<KeyRow> for EnrolmentKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: EnrolmentKeyId(row.id),
            name: row.name,
            labels: row.labels.0,
            created_at: moment(row.created_at),
            expires_at: moments(row.expires_at),
            uses_left: row.uses_left.map(|uses| u32::try_from(uses).unwrap_or(0)),
        }
    }
}

const BY_HASH: &str = "select id, user_id, name, labels, created_at, expires_at, uses_left
    from enrolment_key where hash = $1";

pub(crate) async fn by_hash(db: &mut Connection, hash: &[u8]) -> Result<Option<KeyRow>> {
    Ok(on!(db, c => sqlx::query_as(BY_HASH).bind(hash).fetch_optional(c).await)?)
}

const BY_USER: &str = "select id, user_id, name, labels, created_at, expires_at, uses_left
    from enrolment_key where user_id = $1 order by created_at, id";

pub(crate) async fn by_user(db: &mut Connection, user: UserId) -> Result<Vec<EnrolmentKey>> {
    let rows: Vec<KeyRow> = on!(db, c => sqlx::query_as(BY_USER).bind(user.0).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

const INSERT: &str = "insert into enrolment_key
    (id, user_id, name, labels, hash, created_at, expires_at, uses_left)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

pub(crate) async fn insert(
    db: &mut Connection,
    user: UserId,
    key: &CreateEnrolmentKey,
    at: Micros,
) -> Result<()> {
    on!(db, c => sqlx::query(INSERT)
        .bind(key.id.0)
        .bind(user.0)
        .bind(&key.name)
        .bind(text(&key.labels))
        .bind(&key.hash)
        .bind(at)
        .bind(key.expires_at)
        .bind(key.uses.map(i64::from))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const USE_ONCE: &str = "update enrolment_key set uses_left = uses_left - 1
    where id = $1 and uses_left is not null";

/// Counts one use of a key that has a number of them.
pub(crate) async fn use_once(db: &mut Connection, id: Uuid) -> Result<()> {
    on!(db, c => sqlx::query(USE_ONCE).bind(id).execute(c).await.map(drop))?;
    Ok(())
}

const DELETE: &str = "delete from enrolment_key where user_id = $1 and id = $2";

pub(crate) async fn delete(db: &mut Connection, user: UserId, id: EnrolmentKeyId) -> Result<bool> {
    let gone = on!(db, c => sqlx::query(DELETE).bind(user.0).bind(id.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(gone > 0)
}
