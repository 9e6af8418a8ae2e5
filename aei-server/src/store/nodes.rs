use std::collections::{BTreeMap, HashSet};

use aei_core::api::{Node, NodeId, NodeInfo, NodePresence, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use super::json::{JsonText, text};
use super::{Connection, Micros, Result, moment, moments, on};
use crate::api::paging::Cursor;
use crate::command::{DescribeNode, RegisterNode, UpdateNode};

/// A node as it is kept.
#[derive(FromRow)]
pub(crate) struct NodeRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    labels: JsonText<BTreeMap<String, String>>,
    info: JsonText<NodeInfo>,
    registered_at: Micros,
    last_seen_at: Option<Micros>,
}

impl NodeRow {
    pub(crate) const fn id(&self) -> NodeId {
        NodeId(self.id)
    }

    pub(crate) const fn user(&self) -> UserId {
        UserId(self.user_id)
    }

    pub(crate) const fn cursor(&self) -> Cursor {
        Cursor { at: self.registered_at, id: self.id }
    }

    /// For the wire; whether it is there is known elsewhere.
    pub(crate) fn into_node(self) -> Node {
        let mut labels = self.info.0.labels.clone();
        labels.extend(self.labels.0);
        Node {
            id: NodeId(self.id),
            name: self.name,
            presence: NodePresence::Offline,
            labels,
            info: self.info.0,
            registered_at: moment(self.registered_at),
            last_seen_at: moments(self.last_seen_at),
            commands: Vec::new(),
        }
    }
}

const BY_ID: &str = "select id, user_id, name, labels, info, registered_at, last_seen_at
    from node where id = $1 and user_id = $2";

pub(crate) async fn by_id(
    db: &mut Connection,
    user: UserId,
    id: NodeId,
) -> Result<Option<NodeRow>> {
    Ok(on!(db, c => sqlx::query_as(BY_ID).bind(id.0).bind(user.0).fetch_optional(c).await)?)
}

const BY_TOKEN: &str = "select id, user_id, name, labels, info, registered_at, last_seen_at
    from node where token_hash = $1";

pub(crate) async fn by_token(db: &mut Connection, hash: &[u8]) -> Result<Option<NodeRow>> {
    Ok(on!(db, c => sqlx::query_as(BY_TOKEN).bind(hash).fetch_optional(c).await)?)
}

const PAGE: &str = "select id, user_id, name, labels, info, registered_at, last_seen_at
    from node where user_id = $1 and (registered_at > $2 or (registered_at = $2 and id > $3))
    order by registered_at, id limit $4";

/// Oldest first.
pub(crate) async fn page(
    db: &mut Connection,
    user: UserId,
    after: Cursor,
    limit: i64,
) -> Result<Vec<NodeRow>> {
    Ok(on!(db, c => sqlx::query_as(PAGE)
        .bind(user.0)
        .bind(after.at)
        .bind(after.id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// All nodes of a user, oldest first.
pub(crate) async fn all(db: &mut Connection, user: UserId) -> Result<Vec<Node>> {
    const PART: i64 = 10_000;
    let mut known = Vec::new();
    let mut from = Cursor::START;
    loop {
        let rows = page(db, user, from, PART).await?;
        let Some(last) = rows.last() else { return Ok(known) };
        from = last.cursor();
        known.extend(rows.into_iter().map(NodeRow::into_node));
    }
}

const IDS: &str = "select id from node where user_id = $1";

pub(crate) async fn ids(db: &mut Connection, user: UserId) -> Result<HashSet<NodeId>> {
    let ids: Vec<Uuid> = on!(db, c => sqlx::query_scalar(IDS).bind(user.0).fetch_all(c).await)?;
    Ok(ids.into_iter().map(NodeId).collect())
}

const INSERT: &str = "insert into node
    (id, user_id, name, token_hash, labels, info, registered_at, last_seen_at)
    values ($1, $2, $3, $4, $5, $6, $7, $7)";

pub(crate) async fn insert(
    db: &mut Connection,
    user: UserId,
    node: &RegisterNode,
    labels: &BTreeMap<String, String>,
    at: Micros,
) -> Result<()> {
    on!(db, c => sqlx::query(INSERT)
        .bind(node.id.0)
        .bind(user.0)
        .bind(&node.name)
        .bind(&node.token_hash)
        .bind(text(labels))
        .bind(text(&node.info))
        .bind(at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const UPDATE: &str = "update node set name = coalesce($3, name), labels = coalesce($4, labels)
    where user_id = $1 and id = $2";

pub(crate) async fn update(db: &mut Connection, user: UserId, change: &UpdateNode) -> Result<bool> {
    let changed = on!(db, c => sqlx::query(UPDATE)
        .bind(user.0)
        .bind(change.id.0)
        .bind(&change.name)
        .bind(change.labels.as_ref().map(text))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed > 0)
}

const DESCRIBE: &str = "update node set info = $2 where id = $1";

pub(crate) async fn describe(db: &mut Connection, node: &DescribeNode) -> Result<()> {
    on!(db, c => sqlx::query(DESCRIBE).bind(node.id.0).bind(text(&node.info)).execute(c).await
        .map(drop))?;
    Ok(())
}

const SEEN: &str = "update node set last_seen_at = $2
    where id = $1 and (last_seen_at is null or last_seen_at < $2)";

pub(crate) async fn seen(db: &mut Connection, node: NodeId, at: Micros) -> Result<()> {
    on!(db, c => sqlx::query(SEEN).bind(node.0).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

const DELETE: &str = "delete from node where user_id = $1 and id = $2";

pub(crate) async fn delete(db: &mut Connection, user: UserId, id: NodeId) -> Result<()> {
    on!(db, c => sqlx::query(DELETE).bind(user.0).bind(id.0).execute(c).await.map(drop))?;
    Ok(())
}
