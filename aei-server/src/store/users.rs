use aei_core::api::{User, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Connection, Micros, Result, moment, on};
use crate::command::RegisterUser;

#[derive(FromRow)]
struct UserRow {
    id: Uuid,
    name: String,
    password_hash: String,
    created_at: Micros,
}

/// A user with the hash of the password.
pub(crate) struct StoredUser {
    pub(crate) user: User,
    pub(crate) password_hash: String,
}

impl From<UserRow> for StoredUser {
    fn from(row: UserRow) -> Self {
        let user = User { id: UserId(row.id), name: row.name, created_at: moment(row.created_at) };
        Self { user, password_hash: row.password_hash }
    }
}

/// `Ann` and `ann` are one.
fn key(name: &str) -> String {
    name.to_lowercase()
}

const BY_NAME: &str =
    r#"select id, name, password_hash, created_at from "user" where name_key = $1"#;

pub(crate) async fn by_name(db: &mut Connection, name: &str) -> Result<Option<StoredUser>> {
    let row: Option<UserRow> =
        on!(db, c => sqlx::query_as(BY_NAME).bind(key(name)).fetch_optional(c).await)?;
    Ok(row.map(Into::into))
}

const BY_ID: &str = r#"select id, name, password_hash, created_at from "user" where id = $1"#;

pub(crate) async fn by_id(db: &mut Connection, id: UserId) -> Result<Option<StoredUser>> {
    let row: Option<UserRow> =
        on!(db, c => sqlx::query_as(BY_ID).bind(id.0).fetch_optional(c).await)?;
    Ok(row.map(Into::into))
}

const INSERT: &str = r#"insert into "user" (id, name, name_key, password_hash, created_at)
    values ($1, $2, $3, $4, $5)"#;

pub(crate) async fn insert(
    db: &mut Connection,
    id: UserId,
    user: &RegisterUser,
    at: Micros,
) -> Result<()> {
    on!(db, c => sqlx::query(INSERT)
        .bind(id.0)
        .bind(&user.name)
        .bind(key(&user.name))
        .bind(&user.password_hash)
        .bind(at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const SET_PASSWORD: &str = r#"update "user" set password_hash = $2 where id = $1"#;

pub(crate) async fn set_password(db: &mut Connection, id: UserId, hash: &str) -> Result<()> {
    on!(db, c => sqlx::query(SET_PASSWORD).bind(id.0).bind(hash).execute(c).await.map(drop))?;
    Ok(())
}

const DELETE: &str = r#"delete from "user" where id = $1"#;

/// Deletes the account; all its rows go with it.
pub(crate) async fn delete(db: &mut Connection, id: UserId) -> Result<bool> {
    let gone = on!(db, c => sqlx::query(DELETE).bind(id.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(gone > 0)
}
