use aei_core::api::{Scope, Token, TokenId, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Connection, Micros, Result, moment, moments, on};
use crate::command::{CreateToken, TokenKind};

#[derive(FromRow)]
struct TokenRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    scope: String,
    created_at: Micros,
    expires_at: Option<Micros>,
}

/// Who a token speaks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bearer {
    pub(crate) token: TokenId,
    pub(crate) user: UserId,
    pub(crate) scope: Scope,
    pub(crate) expires_at: Option<Micros>,
}

fn scope_of(text: &str) -> Scope {
    match text {
        "account" => Scope::Account,
        "write" => Scope::Write,
        _ => Scope::Read,
    }
}

const fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Write => "write",
        Scope::Account => "account",
    }
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: TokenId(row.id),
            name: row.name,
            scope: scope_of(&row.scope),
            created_at: moment(row.created_at),
            expires_at: moments(row.expires_at),
        }
    }
}

const BY_HASH: &str = "select id, user_id, name, scope, created_at, expires_at
    from token where hash = $1";

pub(crate) async fn by_hash(db: &mut Connection, hash: &[u8]) -> Result<Option<Bearer>> {
    let row: Option<TokenRow> =
        on!(db, c => sqlx::query_as(BY_HASH).bind(hash).fetch_optional(c).await)?;
    Ok(row.map(|row| Bearer {
        token: TokenId(row.id),
        user: UserId(row.user_id),
        scope: scope_of(&row.scope),
        expires_at: row.expires_at,
    }))
}

const BY_USER: &str = "select id, user_id, name, scope, created_at, expires_at
    from token where user_id = $1 and kind = 'api' order by created_at, id";

pub(crate) async fn by_user(db: &mut Connection, user: UserId) -> Result<Vec<Token>> {
    let rows: Vec<TokenRow> =
        on!(db, c => sqlx::query_as(BY_USER).bind(user.0).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

const INSERT: &str = "insert into token
    (id, user_id, kind, name, scope, hash, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

pub(crate) async fn insert(
    db: &mut Connection,
    user: UserId,
    token: &CreateToken,
    at: Micros,
) -> Result<()> {
    on!(db, c => sqlx::query(INSERT)
        .bind(token.id.0)
        .bind(user.0)
        .bind(token.kind.as_str())
        .bind(&token.name)
        .bind(scope_name(token.scope))
        .bind(&token.hash)
        .bind(at)
        .bind(token.expires_at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const DELETE: &str = "delete from token where user_id = $1 and id = $2";

pub(crate) async fn delete(db: &mut Connection, user: UserId, id: TokenId) -> Result<bool> {
    let gone = on!(db, c => sqlx::query(DELETE).bind(user.0).bind(id.0).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(gone > 0)
}

const DELETE_SESSIONS: &str = "delete from token where user_id = $1 and kind = $2";

pub(crate) async fn delete_sessions(db: &mut Connection, user: UserId) -> Result<()> {
    let kind = TokenKind::Session.as_str();
    on!(db, c => sqlx::query(DELETE_SESSIONS).bind(user.0).bind(kind).execute(c).await.map(drop))?;
    Ok(())
}
