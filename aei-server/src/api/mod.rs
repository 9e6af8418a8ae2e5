//! The HTTP API: one file a resource, each with its `router()` and thin handlers that parse,
//! authorise, read or send a command, and reply.

pub(crate) mod access;
mod account;
mod assignments;
mod error;
mod events;
mod extract;
mod health;
mod keys;
mod layers;
mod node;
mod nodes;
pub(crate) mod paging;
pub(crate) mod runs;
mod secret;
mod templates;
mod tokens;

pub use error::ApiError;

use access::Schemes;

use aei_core::api::PREFIX;
use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "AEI",
        description = "Runs declarative tests on a fleet of nodes. Every error is a problem document (RFC 9457)."
    ),
    modifiers(&Schemes),
)]
struct Described;

fn described() -> OpenApiRouter<AppState> {
    let resources = OpenApiRouter::new()
        .merge(account::router())
        .merge(tokens::router())
        .merge(keys::router())
        .merge(nodes::router())
        .merge(templates::router())
        .merge(assignments::router())
        .merge(runs::router())
        .merge(events::router())
        .merge(node::router());
    OpenApiRouter::with_openapi(Described::openapi())
        .nest(PREFIX, resources)
        .merge(health::router())
}

/// The OpenAPI 3.1 document, made of the handlers.
pub fn document() -> Document {
    described().into_openapi()
}

/// All routes.
pub fn app(state: AppState) -> Router {
    let (router, document) = described().split_for_parts();
    let document = std::sync::Arc::new(document);
    let router = router.route(
        "/api/openapi.json",
        get(move || {
            let document = std::sync::Arc::clone(&document);
            async move { axum::Json(document.as_ref().clone()) }
        }),
    );
    layers::wrap(router, &state).with_state(state)
}

/// Checks what people call a thing.
fn named(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let length = name.chars().count();
    if (1..=100).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(ApiError::unprocessable("bad-name", "this cannot be a name")
        .detail("1 to 100 characters, none of them a control character"))
}
