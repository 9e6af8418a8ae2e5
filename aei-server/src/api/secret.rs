//! Secrets that the server gives out once and keeps the hash of.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use super::ApiError;

/// A secret of 256 bits with a prefix that says what it opens, such as `aei_key_…`.
pub(crate) fn fresh(prefix: &str) -> Result<String, ApiError> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| ApiError::internal(&"the system gives no random bytes"))?;
    Ok(format!("aei_{prefix}_{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// What is kept of a secret. Plain SHA-256 is enough for 256 random bits: there is nothing to
/// guess.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// Whether the answer is of this very request. One that comes again gets the answer of the first,
/// whose secret nobody knows any more.
pub(crate) fn is_first(
    answer: &serde_json::Value,
    key: &str,
    id: uuid::Uuid,
) -> Result<(), ApiError> {
    if answer[key].as_str() == Some(id.to_string().as_str()) {
        return Ok(());
    }
    Err(ApiError::new(
        axum::http::StatusCode::CONFLICT,
        "made-before",
        "the first request with this `Idempotency-Key` has made it",
    )
    .detail(format!(
        "its secret cannot be shown again; delete {} and make another",
        answer[key].as_str().unwrap_or("it")
    )))
}
