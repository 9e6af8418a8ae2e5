//! Passwords: argon2id, away from the threads that answer requests.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::api::ApiError;
use crate::state::AppState;

/// Hashes a password; takes tens of milliseconds of one core and 19 MiB.
pub(crate) async fn hash(state: &AppState, password: String) -> Result<String, ApiError> {
    let _turn = turn(state).await?;
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    });
    match hashed.await {
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(error)) => Err(ApiError::internal(&error)),
        Err(error) => Err(ApiError::internal(&error)),
    }
}

/// Whether a password fits. Without a hash (no such user) it takes as long and does not fit, so
/// that time tells nothing of which names exist.
pub(crate) async fn verify(
    state: &AppState,
    password: String,
    hash: Option<String>,
) -> Result<bool, ApiError> {
    let Some(hash) = hash else {
        self::hash(state, password).await?;
        return Ok(false);
    };
    let _turn = turn(state).await?;
    let verified = tokio::task::spawn_blocking(move || {
        Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok()
    });
    verified.await.map_err(|error| ApiError::internal(&error))
}

/// Few at a time: a flood of log-ins must not take the memory of everybody.
async fn turn(state: &AppState) -> Result<tokio::sync::SemaphorePermit<'_>, ApiError> {
    state.password_turns.acquire().await.map_err(|error| ApiError::internal(&error))
}
