use aei_core::api::{
    AssignedCase, AssignmentRule, Assignments, NodeId, Template, TemplateCase, TemplateFormat,
    TemplateInput, TemplateVersion, UserId,
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Connection, Micros, Result, StoreError, moment, on};
use crate::command::{SetAssignments, StoreTemplate};

/// What pages and runs must know of a template without reading it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) cases: Vec<TemplateCase>,
    pub(crate) inputs: Vec<TemplateInput>,
}

/// A version of a template as it is kept.
#[derive(FromRow)]
pub(crate) struct VersionRow {
    name: String,
    description: Option<String>,
    first_at: Micros,
    version: i64,
    format: String,
    pub(crate) sha256: String,
    size: i64,
    cases: i64,
    pub(crate) signature: Option<String>,
    outline: String,
    created_at: Micros,
}

impl VersionRow {
    pub(crate) fn version(&self) -> u32 {
        u32::try_from(self.version).unwrap_or(0)
    }

    pub(crate) fn format(&self) -> TemplateFormat {
        if self.format == "json" { TemplateFormat::Json } else { TemplateFormat::Yaml }
    }

    pub(crate) fn outline(&self) -> Result<Outline> {
        serde_json::from_str(&self.outline)
            .map_err(|source| StoreError::Stored { what: "template_version.outline", source })
    }

    pub(crate) fn to_version(&self) -> TemplateVersion {
        TemplateVersion {
            version: self.version(),
            format: self.format(),
            sha256: self.sha256.clone(),
            size: u64::try_from(self.size).unwrap_or(0),
            cases: u32::try_from(self.cases).unwrap_or(0),
            signed: self.signature.is_some(),
            created_at: moment(self.created_at),
        }
    }

    /// For lists: without cases and inputs.
    pub(crate) fn to_template(&self) -> Template {
        Template {
            name: self.name.clone(),
            description: self.description.clone(),
            latest: self.to_version(),
            created_at: moment(self.first_at),
            cases: Vec::new(),
            inputs: Vec::new(),
        }
    }
}

const LATEST: &str = "select latest from template where user_id = $1 and name = $2";

/// The number of the latest version.
pub(crate) async fn latest(db: &mut Connection, user: UserId, name: &str) -> Result<Option<u32>> {
    let latest: Option<i64> = on!(db, c => sqlx::query_scalar(LATEST).bind(user.0).bind(name)
        .fetch_optional(c).await)?;
    Ok(latest.map(|latest| u32::try_from(latest).unwrap_or(0)))
}

const VERSION: &str = "select v.name, t.description, t.created_at as first_at, v.version, v.format,
        v.sha256, v.size, v.cases, v.signature, v.outline, v.created_at
    from template_version v join template t on t.user_id = v.user_id and t.name = v.name
    where v.user_id = $1 and v.name = $2 and v.version = coalesce($3, t.latest)";

/// A version of a template, the latest when none is named.
pub(crate) async fn version(
    db: &mut Connection,
    user: UserId,
    name: &str,
    version: Option<u32>,
) -> Result<Option<VersionRow>> {
    Ok(on!(db, c => sqlx::query_as(VERSION)
        .bind(user.0)
        .bind(name)
        .bind(version.map(i64::from))
        .fetch_optional(c)
        .await)?)
}

const VERSIONS: &str =
    "select v.name, t.description, t.created_at as first_at, v.version, v.format,
        v.sha256, v.size, v.cases, v.signature, v.outline, v.created_at
    from template_version v join template t on t.user_id = v.user_id and t.name = v.name
    where v.user_id = $1 and v.name = $2 and v.version < $3
    order by v.version desc limit $4";

/// Newest first, below `before`.
pub(crate) async fn versions(
    db: &mut Connection,
    user: UserId,
    name: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<VersionRow>> {
    Ok(on!(db, c => sqlx::query_as(VERSIONS)
        .bind(user.0)
        .bind(name)
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

const PAGE: &str = "select v.name, t.description, t.created_at as first_at, v.version, v.format,
        v.sha256, v.size, v.cases, v.signature, v.outline, v.created_at
    from template t
    join template_version v on v.user_id = t.user_id and v.name = t.name and v.version = t.latest
    where t.user_id = $1 and t.name > $2 order by t.name limit $3";

/// By name, after `after`.
pub(crate) async fn page(
    db: &mut Connection,
    user: UserId,
    after: &str,
    limit: i64,
) -> Result<Vec<VersionRow>> {
    Ok(on!(db, c => sqlx::query_as(PAGE).bind(user.0).bind(after).bind(limit).fetch_all(c).await)?)
}

const UPSERT: &str = "insert into template (user_id, name, description, latest, created_at)
    values ($1, $2, $3, $4, $5)
    on conflict (user_id, name) do update
    set description = excluded.description, latest = excluded.latest";
const INSERT_VERSION: &str = "insert into template_version
    (user_id, name, version, format, sha256, size, cases, signature, outline, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

pub(crate) async fn insert_version(
    db: &mut Connection,
    user: UserId,
    template: &StoreTemplate,
    at: Micros,
) -> Result<()> {
    on!(&mut *db, c => sqlx::query(UPSERT)
        .bind(user.0)
        .bind(&template.name)
        .bind(&template.description)
        .bind(i64::from(template.version))
        .bind(at)
        .execute(c)
        .await
        .map(drop))?;
    let format = match template.format {
        TemplateFormat::Json => "json",
        TemplateFormat::Yaml => "yaml",
    };
    on!(db, c => sqlx::query(INSERT_VERSION)
        .bind(user.0)
        .bind(&template.name)
        .bind(i64::from(template.version))
        .bind(format)
        .bind(&template.sha256)
        .bind(i64::try_from(template.size).unwrap_or(i64::MAX))
        .bind(i64::from(template.cases))
        .bind(&template.signature)
        .bind(&template.outline)
        .bind(at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

const DELETE: &str = "delete from template where user_id = $1 and name = $2";

pub(crate) async fn delete(db: &mut Connection, user: UserId, name: &str) -> Result<bool> {
    let gone = on!(db, c => sqlx::query(DELETE).bind(user.0).bind(name).execute(c).await
        .map(|done| done.rows_affected()))?;
    Ok(gone > 0)
}

const ASSIGNED: &str = "select case_id, node_id from assignment
    where user_id = $1 and template = $2 order by case_id, node_id";
const RULES: &str = "select cases, labels from assignment_rule
    where user_id = $1 and template = $2 order by place";

pub(crate) async fn assignments(
    db: &mut Connection,
    user: UserId,
    template: &str,
) -> Result<Assignments> {
    let cells: Vec<(String, Uuid)> = on!(&mut *db, c => sqlx::query_as(ASSIGNED)
        .bind(user.0).bind(template).fetch_all(c).await)?;
    let rules: Vec<(String, String)> = on!(db, c => sqlx::query_as(RULES)
        .bind(user.0).bind(template).fetch_all(c).await)?;
    let cell = |(case, node)| AssignedCase { case, node: NodeId(node) };
    Ok(Assignments {
        cases: cells.into_iter().map(cell).collect(),
        rules: rules.into_iter().map(|(cases, labels)| AssignmentRule { cases, labels }).collect(),
    })
}

const FORGET_CELLS: &str = "delete from assignment where user_id = $1 and template = $2";
const FORGET_RULES: &str = "delete from assignment_rule where user_id = $1 and template = $2";
const ASSIGN: &str = "insert into assignment (user_id, template, case_id, node_id)
    values ($1, $2, $3, $4) on conflict do nothing";
const ADD_RULE: &str = "insert into assignment_rule (user_id, template, place, cases, labels)
    values ($1, $2, $3, $4, $5)";

pub(crate) async fn replace_assignments(
    db: &mut Connection,
    user: UserId,
    command: &SetAssignments,
) -> Result<()> {
    let template = &command.template;
    for statement in [FORGET_CELLS, FORGET_RULES] {
        on!(&mut *db, c => sqlx::query(statement).bind(user.0).bind(template).execute(c).await
            .map(drop))?;
    }
    for cell in &command.assignments.cases {
        on!(&mut *db, c => sqlx::query(ASSIGN)
            .bind(user.0)
            .bind(template)
            .bind(&cell.case)
            .bind(cell.node.0)
            .execute(c)
            .await
            .map(drop))?;
    }
    for (place, rule) in (0_i64..).zip(&command.assignments.rules) {
        on!(&mut *db, c => sqlx::query(ADD_RULE)
            .bind(user.0)
            .bind(template)
            .bind(place)
            .bind(&rule.cases)
            .bind(&rule.labels)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}
