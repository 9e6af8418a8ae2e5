use aei_core::api::{CreatedToken, NewToken, Page, Problem, Token, TokenId};
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Owner, Reader};
use super::extract::{Json, Path, Write};
use super::{ApiError, named, secret};
use crate::command::{Command, CreateToken, DeleteToken, TokenKind};
use crate::state::{AppState, fresh_id};
use crate::store::{moment, tokens};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// The API tokens.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "account",
    responses(
        (status = 200, body = Page<Token>),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn list(
    State(state): State<AppState>,
    Reader(caller): Reader,
) -> Result<axum::Json<Page<Token>>, ApiError> {
    let mut db = state.read().await?;
    let items = tokens::by_user(&mut db, caller.user).await?;
    Ok(axum::Json(Page { items, next: None }))
}

/// Makes an API token. Its secret is shown this once.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "account",
    request_body = NewToken,
    responses(
        (status = 201, body = CreatedToken),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn create(
    State(state): State<AppState>,
    Owner(caller): Owner,
    write: Write,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, axum::Json<CreatedToken>), ApiError> {
    let name = named(&new.name)?;
    let secret = secret::fresh("token")?;
    let id = TokenId(fresh_id());
    let command = CreateToken {
        id,
        kind: TokenKind::Api,
        name,
        scope: new.scope,
        hash: secret::hash(&secret),
        expires_at: new.expires_at.map(|at| at.timestamp_micros()),
    };
    let answer =
        state.submit(write.envelope(caller.user, Command::CreateToken(command.clone()))).await?;
    secret::is_first(&answer, "token_id", id.0)?;
    let token = Token {
        id,
        name: command.name,
        scope: new.scope,
        created_at: moment(write.at),
        expires_at: new.expires_at,
    };
    Ok((StatusCode::CREATED, axum::Json(CreatedToken { token, secret })))
}

/// Ends an API token.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    tag = "account",
    params(("id" = TokenId, Path, description = "The token.")),
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("session" = []), ("token" = [])),
)]
async fn delete(
    State(state): State<AppState>,
    Owner(caller): Owner,
    Path(id): Path<TokenId>,
    write: Write,
) -> Result<StatusCode, ApiError> {
    state.submit(write.envelope(caller.user, Command::DeleteToken(DeleteToken { id }))).await?;
    Ok(StatusCode::NO_CONTENT)
}
