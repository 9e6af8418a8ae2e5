use aei_core::api::{ChangePassword, Credentials, Problem, Scope, TokenId, User, UserId};
use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Owner, Reader, SESSION_COOKIE};
use super::extract::{Json, Write};
use super::{ApiError, secret};
use crate::command::{Command, CreateToken, DeleteToken, RegisterUser, TokenKind};
use crate::password;
use crate::state::{AppState, fresh_id, now};
use crate::store::users;

/// How long a session lasts.
const SESSION: chrono::Duration = chrono::Duration::days(30);

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(log_in))
        .routes(routes!(log_out))
        .routes(routes!(me, delete_me))
        .routes(routes!(change_password))
}

/// Makes an account and logs in.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "account",
    request_body = Credentials,
    responses(
        (status = 201, body = User, headers(("set-cookie" = String, description = "The session."))),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
)]
async fn register(
    State(state): State<AppState>,
    write: Write,
    jar: CookieJar,
    Json(credentials): Json<Credentials>,
) -> Result<(StatusCode, CookieJar, axum::Json<User>), ApiError> {
    let name = checked_name(&credentials.name)?;
    let password_hash = password::hash(&state, checked_password(credentials.password)?).await?;
    let user = UserId(write.id);
    let command = RegisterUser { name: name.to_owned(), password_hash };
    state.submit(write.envelope(user, Command::RegisterUser(command))).await?;
    let jar = begin_session(&state, &write, user, jar).await?;
    Ok((StatusCode::CREATED, jar, axum::Json(user_of(&state, user).await?)))
}

/// Logs in.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "account",
    request_body = Credentials,
    responses(
        (status = 200, body = User, headers(("set-cookie" = String, description = "The session."))),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
)]
async fn log_in(
    State(state): State<AppState>,
    write: Write,
    jar: CookieJar,
    Json(credentials): Json<Credentials>,
) -> Result<(CookieJar, axum::Json<User>), ApiError> {
    state.attempts.check(&credentials.name, write.address())?;
    let found = {
        let mut db = state.read().await?;
        users::by_name(&mut db, &credentials.name).await?
    };
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let fits = password::verify(&state, credentials.password, hash).await?;
    let Some(found) = found.filter(|_| fits) else {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "wrong-credentials",
            "the name or the password is wrong",
        ));
    };
    let jar = begin_session(&state, &write, found.user.id, jar).await?;
    Ok((jar, axum::Json(found.user)))
}

/// Logs out.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "account",
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("session" = []), ("token" = [])),
)]
async fn log_out(
    State(state): State<AppState>,
    Reader(caller): Reader,
    write: Write,
    jar: CookieJar,
) -> Result<(StatusCode, CookieJar), ApiError> {
    let command = Command::DeleteToken(DeleteToken { id: caller.token });
    state.submit(write.envelope(caller.user, command)).await?;
    let mut cookie = Cookie::from(SESSION_COOKIE);
    cookie.set_path("/");
    Ok((StatusCode::NO_CONTENT, jar.remove(cookie)))
}

/// Who is logged in.
#[utoipa::path(
    get,
    path = "/me",
    tag = "account",
    responses(
        (status = 200, body = User),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn me(
    State(state): State<AppState>,
    Reader(caller): Reader,
) -> Result<axum::Json<User>, ApiError> {
    Ok(axum::Json(user_of(&state, caller.user).await?))
}

/// Deletes the account with everything in it.
#[utoipa::path(
    delete,
    path = "/me",
    tag = "account",
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("session" = []), ("token" = [])),
)]
async fn delete_me(
    State(state): State<AppState>,
    Owner(caller): Owner,
    write: Write,
) -> Result<StatusCode, ApiError> {
    state.submit(write.envelope(caller.user, Command::DeleteUser)).await?;
    state.objects.delete_below(&crate::object::layout::user(caller.user)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets a new password and ends all sessions.
#[utoipa::path(
    put,
    path = "/me/password",
    tag = "account",
    request_body = ChangePassword,
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("session" = []), ("token" = [])),
)]
async fn change_password(
    State(state): State<AppState>,
    Owner(caller): Owner,
    write: Write,
    Json(change): Json<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    let found = {
        let mut db = state.read().await?;
        users::by_id(&mut db, caller.user).await?
    };
    let Some(found) = found else { return Err(ApiError::not_found("user")) };
    state.attempts.check(&found.user.name, write.address())?;
    if !password::verify(&state, change.current, Some(found.password_hash)).await? {
        return Err(ApiError::forbidden("wrong-password", "the current password is wrong"));
    }
    let password_hash = password::hash(&state, checked_password(change.new)?).await?;
    let command = Command::ChangePassword(crate::command::ChangePassword { password_hash });
    state.submit(write.envelope(caller.user, command)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn user_of(state: &AppState, id: UserId) -> Result<User, ApiError> {
    let mut db = state.read().await?;
    let found = users::by_id(&mut db, id).await?;
    found.map(|found| found.user).ok_or_else(|| ApiError::not_found("user"))
}

async fn begin_session(
    state: &AppState,
    write: &Write,
    user: UserId,
    jar: CookieJar,
) -> Result<CookieJar, ApiError> {
    let text = secret::fresh("session")?;
    let expires_at = now() + SESSION.num_microseconds().unwrap_or(i64::MAX);
    let command = CreateToken {
        id: TokenId(fresh_id()),
        kind: TokenKind::Session,
        name: "session".to_owned(),
        scope: Scope::Account,
        hash: secret::hash(&text),
        expires_at: Some(expires_at),
    };
    let mut envelope = write.envelope(user, Command::CreateToken(command));
    // Every log-in is a session of its own, also when the request is sent twice.
    envelope.id = fresh_id();
    state.submit(envelope).await?;
    let secure = if state.config.is_secure() { "; Secure" } else { "" };
    let age = SESSION.num_seconds();
    let cookie = Cookie::parse(format!(
        "{SESSION_COOKIE}={text}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"
    ))
    .map_err(|error| ApiError::internal(&error))?;
    Ok(jar.add(cookie))
}

fn checked_name(name: &str) -> Result<&str, ApiError> {
    let plain = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
    if (1..=64).contains(&name.chars().count()) && name.chars().all(plain) {
        return Ok(name);
    }
    Err(ApiError::unprocessable("bad-name", "this cannot be a login name")
        .detail("1 to 64 characters: letters, digits and `. _ - @ +`"))
}

fn checked_password(password: String) -> Result<String, ApiError> {
    if (8..=1024).contains(&password.chars().count()) {
        return Ok(password);
    }
    Err(ApiError::unprocessable("bad-password", "this cannot be a password")
        .detail("8 to 1,024 characters"))
}
