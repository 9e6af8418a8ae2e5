use aei_core::api::{Health, Problem};
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiError;
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(healthy)).routes(routes!(ready))
}

fn health() -> Health {
    Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Whether the process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Health)))]
async fn healthy() -> axum::Json<Health> {
    axum::Json(health())
}

/// Whether the server can do its work: the database answers.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses((status = 200, body = Health), (status = "5XX", body = Problem)),
)]
async fn ready(State(state): State<AppState>) -> Result<axum::Json<Health>, ApiError> {
    state.read().await?.ping().await?;
    Ok(axum::Json(health()))
}
