//! What happens to every request: a trace, a limit, a problem document for what no handler saw.

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{debug, error, warn};

use super::ApiError;
use super::error::Trouble;
use crate::state::AppState;

pub(super) fn wrap(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let limit = usize::try_from(state.config.max_template).unwrap_or(usize::MAX);
    router
        .fallback(|| async { ApiError::not_found("page") })
        .method_not_allowed_fallback(|| async {
            ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "this cannot be done here",
            )
        })
        .layer(DefaultBodyLimit::max(limit))
        .layer(CatchPanicLayer::custom(|_| {
            ApiError::internal(&"a handler panicked").into_response()
        }))
        .layer(middleware::from_fn(observe))
}

/// Logs each answer once, with what only the log may know.
async fn observe(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let duration_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    match response.extensions_mut().remove::<Trouble>() {
        Some(Trouble(source)) if status >= 500 => {
            error!(%method, path, status, duration_us, source, "request failed");
        }
        Some(Trouble(source)) => warn!(%method, path, status, duration_us, source, "request"),
        None => debug!(%method, path, status, duration_us, "request"),
    }
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    problem_for_plain(response)
}

/// What axum itself refuses comes as plain text; everybody expects a problem document.
fn problem_for_plain(response: Response) -> Response {
    let status = response.status();
    let is_plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !is_plain {
        return response;
    }
    let title = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "this is too large".to_owned(),
        StatusCode::BAD_REQUEST => "the request does not make sense".to_owned(),
        other => other.canonical_reason().unwrap_or("refused").to_lowercase(),
    };
    let code = title.replace(' ', "-");
    ApiError::new(status, &code, title).into_response()
}
