use serde_json::{Value, json};

use super::entry::Entry;
use crate::generate::document::DraftStep;
use crate::generate::note::Notes;
use crate::generate::request::Request;

/// What the options of an entry change of its step.
#[derive(Debug, Default)]
pub(super) struct Options {
    retries: Option<u64>,
    interval: Option<String>,
    pub(super) timeout: Option<String>,
    location: bool,
    most: Option<u64>,
    digest: bool,
}

impl Options {
    /// Reads the options; settings of the request go right into it.
    pub(super) fn read(entry: &Entry, request: &mut Request, notes: &mut Notes) -> Self {
        let mut options = Self::default();
        for pair in entry.section(&["Options"]) {
            let value = pair.value.as_str();
            match pair.name.as_str() {
                "location" | "location-trusted" => options.location = value == "true",
                "max-redirs" => options.most = value.parse().ok(),
                "retry" => options.retries = value.parse().ok(),
                "retry-interval" => options.interval = Some(milliseconds(value)),
                "max-time" => options.timeout = Some(seconds(value)),
                "connect-timeout" => put(request, "connect_timeout", seconds(value).into()),
                "insecure" if value == "true" => tls(request, "verify", false.into()),
                "cacert" => tls(request, "ca", value.into()),
                "cert" => tls(request, "cert", value.into()),
                "key" => tls(request, "key", value.into()),
                "proxy" => put(request, "proxy", value.into()),
                "unix-socket" => put(request, "unix_socket", value.into()),
                "http1.1" if value == "true" => put(request, "version", "1.1".into()),
                "http2" if value == "true" => put(request, "version", "2".into()),
                "user" => {
                    let (name, password) = value.split_once(':').unwrap_or((value, ""));
                    put(
                        request,
                        "auth",
                        json!({ "basic": { "username": name, "password": password } }),
                    );
                }
                "digest" => options.digest = value == "true",
                "compressed" | "verbose" | "very-verbose" | "insecure" | "http1.1" | "http2" => {}
                other => {
                    notes.enter(format!("line {}", pair.line));
                    notes.add(format!("the option `{other}` is not carried over"));
                }
            }
        }
        if let Some(auth) = request.extra.get_mut("auth").filter(|_| options.digest) {
            let login = auth["basic"].take();
            *auth = json!({ "digest": login });
        }
        // Hurl does not follow redirects unless it is told to.
        match (options.location, options.most) {
            (false, _) => put(request, "redirects", false.into()),
            (true, Some(most)) => put(request, "redirects", most.into()),
            (true, None) => {}
        }
        options
    }

    /// Gives the step its retry and its time limit.
    pub(super) fn apply(self, step: &mut DraftStep) {
        step.timeout = self.timeout;
        if let Some(retries) = self.retries.filter(|count| *count > 0) {
            let interval = self.interval.unwrap_or_else(|| "1s".to_owned());
            step.retry = Some(
                json!({ "attempts": retries.saturating_add(1).min(10_000), "interval": interval }),
            );
        }
    }
}

fn put(request: &mut Request, key: &str, value: Value) {
    request.extra.insert(key.to_owned(), value);
}

fn tls(request: &mut Request, key: &str, value: Value) {
    let tls = request.extra.entry("tls").or_insert_with(|| json!({}));
    tls[key] = value;
}

/// A duration whose bare number is in milliseconds.
fn milliseconds(text: &str) -> String {
    duration(text, "ms")
}

/// A duration whose bare number is in seconds.
fn seconds(text: &str) -> String {
    duration(text, "s")
}

fn duration(text: &str, unit: &str) -> String {
    let written =
        if text.parse::<u64>().is_ok() { format!("{text}{unit}") } else { text.to_owned() };
    // What is no duration here either would make a template that does not validate.
    if written.parse::<aei_core::template::Period>().is_ok() { written } else { format!("1{unit}") }
}
