//! What can go wrong on a connection, worded for people.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use aei_core::runner::{StepError, StepErrorKind};
use aei_core::template::Period;

use crate::host::reason;
use crate::tls;

/// No address for the host.
pub(super) fn unknown_host(host: &str, why: &str) -> StepError {
    StepError::new(
        StepErrorKind::Connection,
        format!("cannot find the host `{host}`: {}", why.trim_end_matches('.')),
    )
    .help("Is the name spelled right, and does this machine reach its name server?")
}

/// Nobody took the connection.
pub(super) fn refused(name: &str, error: &io::Error) -> StepError {
    let step_error = StepError::new(
        StepErrorKind::Connection,
        format!("cannot connect to `{name}`: {}", reason(error)),
    );
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
            step_error.help(format!("Is the service running at `{name}`?"))
        }
        _ => step_error,
    }
}

/// Connecting took too long.
pub(super) fn connect_timeout(name: &str, limit: Duration) -> StepError {
    StepError::new(
        StepErrorKind::TimedOut,
        format!("`{name}` took no connection within {}", Period(limit)),
    )
    .help(format!(
        "Is the service running at `{name}`, and does no firewall drop its packets? \
         `connect_timeout` gives it more time."
    ))
}

/// The server stayed silent.
pub(super) fn read_timeout(name: &str, limit: Duration, waiting_for: &str) -> StepError {
    StepError::new(
        StepErrorKind::TimedOut,
        format!("`{name}` stayed silent for {} while {waiting_for} was due", Period(limit)),
    )
    .help("`read_timeout` gives the server more time.")
}

/// HTTP/2 was asked for and is not offered.
pub(super) fn no_http2(name: &str) -> StepError {
    StepError::new(StepErrorKind::Protocol, format!("`{name}` does not offer HTTP/2"))
        .at("/version")
}

/// A body passed `max_body`.
pub(super) fn too_large(limit: u64, more: &str) -> StepError {
    let limit = aei_core::template::ByteSize(limit);
    StepError::new(
        StepErrorKind::Limit,
        format!("the response body is larger than `max_body` ({limit}){more}"),
    )
    .at("/max_body")
    .help("Raise `max_body`, such as `max_body: 100MiB`, if such a response is expected.")
}

/// The exchange broke before a head of a response was there.
pub(super) fn before_response(name: &str, error: &hyper::Error) -> StepError {
    if error.is_user() {
        return StepError::new(
            StepErrorKind::Io,
            format!("the request could not be sent: {}", causes(error)),
        );
    }
    if error.is_parse() && error.to_string().contains("too large") {
        return StepError::new(
            StepErrorKind::Protocol,
            format!("the head of the response of `{name}` is too large: {}", causes(error)),
        )
        .help("At most 100 headers and 400 KiB are taken.");
    }
    if error.is_parse_version_h2() {
        return StepError::new(
            StepErrorKind::Protocol,
            format!("`{name}` answered with HTTP/2 where HTTP/1.1 was spoken"),
        )
        .help("Use `version: \"2\"`.");
    }
    if error.is_parse() {
        return StepError::new(
            StepErrorKind::Protocol,
            format!("the answer of `{name}` is not HTTP: {}", causes(error)),
        )
        .help("Is it an HTTP service, and does it speak plain HTTP on this port (not TLS)?");
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return StepError::new(
            StepErrorKind::Connection,
            format!("`{name}` closed the connection without a response"),
        )
        .help("The service may have crashed or restarted; its log would say.");
    }
    match io_error(error) {
        Some(io) => tls::tls_error(name, io).unwrap_or_else(|| {
            StepError::new(
                StepErrorKind::Connection,
                format!("the connection to `{name}` broke before a response: {}", reason(io)),
            )
            .help("The service may have crashed or restarted; its log would say.")
        }),
        None => StepError::new(
            StepErrorKind::Protocol,
            format!("the exchange with `{name}` failed: {}", causes(error)),
        ),
    }
}

/// The exchange broke within the body of a response.
pub(super) fn within_body(
    name: &str,
    received: u64,
    announced: Option<u64>,
    error: &hyper::Error,
) -> StepError {
    let cut_off = error.is_incomplete_message()
        || io_error(error).is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof);
    if cut_off {
        let of = announced.map_or_else(String::new, |bytes| format!(" of {bytes}"));
        return StepError::new(
            StepErrorKind::Protocol,
            format!("`{name}` closed the connection after {received}{of} bytes of the body"),
        )
        .help(match announced {
            Some(_) => "Its `Content-Length` promised more.",
            None => "The last chunk of the body is missing.",
        });
    }
    match io_error(error) {
        Some(io)
            if matches!(io.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) =>
        {
            StepError::new(
                StepErrorKind::Protocol,
                format!("the body sent by `{name}` is broken after {received} bytes: {io}"),
            )
        }
        Some(io) => StepError::new(
            StepErrorKind::Connection,
            format!(
                "the connection to `{name}` broke after {received} bytes of the body: {}",
                reason(io)
            ),
        ),
        None => StepError::new(
            StepErrorKind::Protocol,
            format!(
                "the body sent by `{name}` is broken after {received} bytes: {}",
                causes(error)
            ),
        ),
    }
}

/// More arrived than the response was to have.
pub(super) fn surplus(name: &str) -> StepError {
    StepError::new(
        StepErrorKind::Protocol,
        format!("`{name}` sent more bytes after the end of its response"),
    )
    .help("Its `Content-Length` promised less, or a response to HEAD, or with status 204 or 304, has a body.")
}

fn io_error(error: &hyper::Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref() {
            return Some(io);
        }
        source = inner.source();
    }
    None
}

/// An error with its causes.
fn causes(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
