use std::time::Duration;

use aei_core::api::Problem;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};

use super::ClientError;

/// The most of a refusal that is read.
const MAX_PROBLEM: usize = 4 << 20;
/// The most of a page that is no problem document that is shown.
const EXCERPT: usize = 200;

/// How long the server asks to be left alone. A date is not looked at: clocks differ.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

/// The error that an answer without success stands for.
pub(super) async fn refusal(server: &str, mut response: Response) -> ClientError {
    let status = response.status();
    if status.is_redirection() {
        let to = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let to = to.map_or(String::new(), |to| format!(" to `{to}`; use that address"));
        return ClientError::Answer {
            server: server.to_owned(),
            what: format!("it sends callers on{to} ({status})"),
        };
    }
    let is_json = (response.headers().get(CONTENT_TYPE))
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json"));
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_PROBLEM {
            break;
        }
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) if is_json => ClientError::Problem(Box::new(problem)),
        _ => ClientError::Answer {
            server: server.to_owned(),
            what: format!("it answers {status}{}", excerpt(&body)),
        },
    }
}

fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(EXCERPT) {
        _ if text.is_empty() => String::new(),
        Some((end, _)) => format!(" with `{}…`", &text[..end]),
        None => format!(" with `{text}`"),
    }
}
