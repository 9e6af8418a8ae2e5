use aei_core::api::{
    CreatedEnrolmentKey, EnrolmentKey, EnrolmentKeyId, NewEnrolmentKey, Page, Problem,
};
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Owner, Reader};
use super::extract::{Json, Path, Write};
use super::{ApiError, named, secret};
use crate::command::{Command, CreateEnrolmentKey, DeleteEnrolmentKey};
use crate::state::{AppState, fresh_id};
use crate::store::{keys, moment};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// The enrolment keys.
#[utoipa::path(
    get,
    path = "/enrolment-keys",
    tag = "account",
    responses(
        (status = 200, body = Page<EnrolmentKey>),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn list(
    State(state): State<AppState>,
    Reader(caller): Reader,
) -> Result<axum::Json<Page<EnrolmentKey>>, ApiError> {
    let mut db = state.read().await?;
    let items = keys::by_user(&mut db, caller.user).await?;
    Ok(axum::Json(Page { items, next: None }))
}

/// Makes a key by which nodes register. Its secret is shown this once.
#[utoipa::path(
    post,
    path = "/enrolment-keys",
    tag = "account",
    request_body = NewEnrolmentKey,
    responses(
        (status = 201, body = CreatedEnrolmentKey),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn create(
    State(state): State<AppState>,
    Owner(caller): Owner,
    write: Write,
    Json(new): Json<NewEnrolmentKey>,
) -> Result<(StatusCode, axum::Json<CreatedEnrolmentKey>), ApiError> {
    let name = named(&new.name)?;
    let secret = secret::fresh("key")?;
    let id = EnrolmentKeyId(fresh_id());
    let command = CreateEnrolmentKey {
        id,
        name: name.clone(),
        labels: new.labels.clone(),
        hash: secret::hash(&secret),
        expires_at: new.expires_at.map(|at| at.timestamp_micros()),
        uses: new.uses,
    };
    let command = Command::CreateEnrolmentKey(command);
    let answer = state.submit(write.envelope(caller.user, command)).await?;
    secret::is_first(&answer, "key_id", id.0)?;
    let key = EnrolmentKey {
        id,
        name,
        labels: new.labels,
        created_at: moment(write.at),
        expires_at: new.expires_at,
        uses_left: new.uses,
    };
    Ok((StatusCode::CREATED, axum::Json(CreatedEnrolmentKey { key, secret })))
}

/// Ends an enrolment key. Nodes that came in by it stay.
#[utoipa::path(
    delete,
    path = "/enrolment-keys/{id}",
    tag = "account",
    params(("id" = EnrolmentKeyId, Path, description = "The key.")),
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("session" = []), ("token" = [])),
)]
async fn delete(
    State(state): State<AppState>,
    Owner(caller): Owner,
    Path(id): Path<EnrolmentKeyId>,
    write: Write,
) -> Result<StatusCode, ApiError> {
    let command = Command::DeleteEnrolmentKey(DeleteEnrolmentKey { id });
    state.submit(write.envelope(caller.user, command)).await?;
    Ok(StatusCode::NO_CONTENT)
}
