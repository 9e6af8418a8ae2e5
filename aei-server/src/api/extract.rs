//! Requests taken apart, with problem documents for what does not fit.

use std::net::SocketAddr;

use aei_core::api::{IDEMPOTENCY_HEADER, UserId};
use axum::body::Bytes;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::headers::{ContentType, HeaderMapExt};
use mime::Mime;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::ApiError;
use crate::command::{Command, Envelope};
use crate::state::{fresh_id, now};

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                "this must be JSON",
            )
            .detail("send `Content-Type: application/json`"));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            ApiError::new(rejection.status(), "bad-body", rejection.body_text())
        })?;
        parse(&body).map(Self)
    }
}

/// Whether the body is said to be `application/json` or `application/…+json`.
fn is_json(headers: &HeaderMap) -> bool {
    headers.typed_get::<ContentType>().map(Mime::from).is_some_and(|mime| {
        let is_json = mime.subtype() == "json" || mime.suffix().is_some_and(|it| it == "json");
        mime.type_() == "application" && is_json
    })
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        if inner.is_data() {
            let at = if path == "." { String::new() } else { format!("`{path}`: ") };
            ApiError::unprocessable("bad-value", "the request does not make sense")
                .detail(format!("{at}{inner}"))
        } else {
            ApiError::bad_request("bad-json", "the body is not JSON").detail(inner.to_string())
        }
    })?;
    deserializer.end().map_err(|error| {
        ApiError::bad_request("bad-json", "there is more than one JSON value")
            .detail(error.to_string())
    })?;
    Ok(value)
}

/// The variable parts of the path. What cannot be an id is not there.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => {
                Err(ApiError::not_found("resource"))
            }
            Err(rejection) => Err(ApiError::internal(&rejection)),
        }
    }
}

/// The query.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                Err(ApiError::unprocessable("bad-query", "the query does not make sense")
                    .detail(error.body_text()))
            }
            Err(rejection) => Err(ApiError::internal(&rejection)),
        }
    }
}

/// What makes a write of a request: its identity, its time, where it came from.
pub(crate) struct Write {
    pub(crate) id: Uuid,
    pub(crate) at: i64,
    address: Option<String>,
}

impl Write {
    /// The envelope of a command of this request.
    pub(crate) fn envelope(&self, user: UserId, command: Command) -> Envelope {
        Envelope { id: self.id, user, at: self.at, address: self.address.clone(), command }
    }

    /// The address it came from.
    pub(crate) fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Write {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let id = match parts.headers.get(IDEMPOTENCY_HEADER) {
            None => fresh_id(),
            Some(key) => key.to_str().ok().and_then(|key| key.parse().ok()).ok_or_else(|| {
                ApiError::bad_request("bad-idempotency-key", "the `Idempotency-Key` is no UUID")
            })?,
        };
        let address = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(address)| address.ip().to_string());
        Ok(Self { id, at: now(), address })
    }
}
