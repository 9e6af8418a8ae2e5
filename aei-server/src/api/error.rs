use aei_core::api::{CommandAccepted, Mistake, Problem};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::command::Rejection;
use crate::object::ObjectError;
use crate::store::StoreError;

/// A request that was not carried out.
#[derive(Debug)]
pub struct ApiError {
    problem: Box<Problem>,
    /// For the log alone.
    source: Option<String>,
    retry_after: Option<u32>,
    /// The command that is queued but not committed.
    pending: Option<Uuid>,
}

/// What the log is told of an answer, carried to the layer that writes it.
#[derive(Debug, Clone)]
pub(crate) struct Trouble(pub(crate) String);

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &str, title: impl Into<String>) -> Self {
        let problem = Problem {
            kind: "about:blank".to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            title: title.into(),
            detail: None,
            mistakes: Vec::new(),
            expected: None,
        };
        Self { problem: Box::new(problem), source: None, retry_after: None, pending: None }
    }

    /// The stable word.
    pub(crate) fn code(&self) -> &str {
        &self.problem.code
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.problem.detail = Some(detail.into());
        self
    }

    pub(crate) fn mistakes(mut self, mistakes: Vec<Mistake>) -> Self {
        self.problem.mistakes = mistakes;
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(crate) fn bad_request(code: &str, title: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, title)
    }

    pub(crate) fn unprocessable(code: &str, title: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no such {what}"))
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "nobody is logged in")
            .detail("log in, or send `Authorization: Bearer …` with a token that is valid")
    }

    pub(crate) fn forbidden(code: &str, title: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, title)
    }

    /// Too much waits to be written.
    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many writes are waiting")
            .detail("nothing was changed; try again in a moment")
            .retry_after(1)
    }

    /// A part of the server is out of reach.
    pub(crate) fn unavailable(source: &dyn std::fmt::Display) -> Self {
        let mut error = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "the server cannot reach a part of itself",
        )
        .retry_after(2);
        error.source = Some(source.to_string());
        error
    }

    /// The command is queued; its commit takes longer than the caller should wait.
    pub(crate) fn not_yet(id: Uuid) -> Self {
        let mut error = Self::new(StatusCode::ACCEPTED, "not-yet", "queued, not yet committed");
        error.pending = Some(id);
        error
    }

    pub(crate) fn internal(source: &dyn std::fmt::Display) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the server could not do this",
        )
        .detail("the log says why");
        error.source = Some(source.to_string());
        error
    }
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        let status =
            StatusCode::from_u16(rejection.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut error = Self::new(status, &rejection.code, rejection.title);
        error.problem.detail = rejection.detail;
        error.problem.expected = rejection.expected;
        error
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_of_statement() { Self::internal(&error) } else { Self::unavailable(&error) }
    }
}

impl From<ObjectError> for ApiError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Missing(_) => Self::not_found("object"),
            ObjectError::TooLong { limit } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                format!("this is longer than {limit} bytes"),
            ),
            ObjectError::Source(reason) => {
                Self::bad_request("upload-broken", "the upload broke off").detail(reason)
            }
            error => Self::unavailable(&error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(command) = self.pending {
            return (StatusCode::ACCEPTED, axum::Json(CommandAccepted { command })).into_response();
        }
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(source) = self.source {
            response.extensions_mut().insert(Trouble(source));
        }
        response
    }
}
