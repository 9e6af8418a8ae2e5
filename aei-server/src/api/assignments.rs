use aei_core::api::{Assignments, Problem};
use aei_core::labels::LabelSelector;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiError;
use super::access::{Reader, Writer};
use super::extract::{Json, Path, Write};
use crate::command::{Command, SetAssignments};
use crate::state::AppState;
use crate::store::templates;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show, replace))
}

/// Which node runs which case of a template.
#[utoipa::path(
    get,
    path = "/assignments/{template}",
    tag = "assignments",
    params(("template" = String, Path, description = "The template's name.")),
    responses(
        (status = 200, body = Assignments),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn show(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(template): Path<String>,
) -> Result<axum::Json<Assignments>, ApiError> {
    let mut db = state.read().await?;
    if templates::latest(&mut db, caller.user, &template).await?.is_none() {
        return Err(ApiError::not_found("template"));
    }
    Ok(axum::Json(templates::assignments(&mut db, caller.user, &template).await?))
}

/// Decides which node runs which case of a template, all of it.
#[utoipa::path(
    put,
    path = "/assignments/{template}",
    tag = "assignments",
    params(("template" = String, Path, description = "The template's name.")),
    request_body = Assignments,
    responses(
        (status = 200, body = Assignments),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn replace(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Path(template): Path<String>,
    write: Write,
    Json(assignments): Json<Assignments>,
) -> Result<axum::Json<Assignments>, ApiError> {
    let known = {
        let mut db = state.read().await?;
        let latest = templates::version(&mut db, caller.user, &template, None).await?;
        latest.ok_or_else(|| ApiError::not_found("template"))?.outline()?
    };
    let unknown =
        assignments.cases.iter().find(|cell| known.cases.iter().all(|case| case.id != cell.case));
    if let Some(cell) = unknown {
        let title = format!("`{template}` has no case `{}`", cell.case);
        return Err(ApiError::unprocessable("unknown-case", title));
    }
    for rule in &assignments.rules {
        globset::Glob::new(&rule.cases)
            .map_err(|error| ApiError::unprocessable("bad-glob", error.to_string()))?;
        rule.labels
            .parse::<LabelSelector>()
            .map_err(|error| ApiError::unprocessable("bad-labels", error.to_string()))?;
    }
    let command = SetAssignments { template: template.clone(), assignments };
    state.submit(write.envelope(caller.user, Command::SetAssignments(command))).await?;
    let mut db = state.read().await?;
    Ok(axum::Json(templates::assignments(&mut db, caller.user, &template).await?))
}
