use super::entry::Entry;
use crate::generate::document::{DraftInput, literal_text};
use crate::generate::note::Notes;
use crate::generate::request::{Body, Request};

/// Headers that belong to the connection, to the browser or to what it had stored.
const LEFT_OUT: [&str; 24] = [
    "host",
    "connection",
    "content-length",
    "cookie",
    "accept-encoding",
    "keep-alive",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "proxy-connection",
    "proxy-authorization",
    "user-agent",
    "upgrade-insecure-requests",
    "if-none-match",
    "if-modified-since",
    "cache-control",
    "pragma",
    "priority",
    "dnt",
    "expect",
    "http2-settings",
    "save-data",
    "rtt",
];

/// A browser's `Accept` in short.
const BROWSER_ACCEPT: &str = "text/html,*/*;q=0.8";

/// Whether a header is sent again.
fn kept(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !(name.is_empty()
        || name.starts_with([':', ' '])
        || name.starts_with("sec-")
        || LEFT_OUT.contains(&name.as_str()))
}

/// Whether a header may be told once for all.
fn sharable(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    kept(&name) && !matches!(&*name, "content-type" | "authorization" | "referer" | "origin")
}

/// Headers that every request has with one value; told in `defaults`.
pub(super) fn shared(entries: &[Entry<'_>]) -> Vec<(String, String)> {
    let Some((first, rest)) = entries.split_first() else { return Vec::new() };
    if rest.is_empty() {
        return Vec::new();
    }
    Entry::headers(first.request)
        .filter(|(name, _)| sharable(name))
        .filter(|(name, value)| {
            rest.iter().all(|entry| {
                let mut same =
                    Entry::headers(entry.request).filter(|(n, _)| n.eq_ignore_ascii_case(name));
                same.next().is_some_and(|(_, v)| v == *value) && same.next().is_none()
            })
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Gives the request the headers that are sent again.
pub(super) fn apply(
    entry: &Entry<'_>,
    main: &str,
    shared: &[(String, String)],
    request: &mut Request,
    credentials: &mut Vec<DraftInput>,
) {
    for (name, value) in Entry::headers(entry.request).filter(|(name, _)| kept(name)) {
        let lower = name.to_ascii_lowercase();
        if shared.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            continue;
        }
        let value = match &*lower {
            // The runner says what it sends; only what it cannot know is told.
            "content-type" if !matches!(request.body, Body::Text(_) | Body::Bytes(_)) => continue,
            "authorization" => credential(value, credentials),
            "origin" | "referer" if !main.is_empty() && value.starts_with(main) => {
                format!("${{{{ inputs.base_url }}}}{}", literal_text(&value[main.len()..]))
            }
            // What every browser asks for when it opens a page; nothing in it is this request's own.
            "accept" if value.starts_with("text/html,application/xhtml") => {
                BROWSER_ACCEPT.to_owned()
            }
            "accept" if value == "*/*" => continue,
            _ => literal_text(value),
        };
        request.headers.push((name.to_owned(), value.into()));
    }
}

/// A credential becomes a secret input, so that no report shows it.
fn credential(value: &str, credentials: &mut Vec<DraftInput>) -> String {
    let known = credentials
        .iter()
        .find(|input| input.default.as_ref().and_then(|default| default.as_str()) == Some(value));
    let name = known.map_or_else(
        || match credentials.len() {
            0 => "authorization".to_owned(),
            count => format!("authorization_{}", count + 1),
        },
        |input| input.name.clone(),
    );
    if known.is_none() {
        credentials.push(DraftInput {
            name: name.clone(),
            default: Some(value.into()),
            description: Some(
                "The recorded `Authorization`; take it out before you share this file".to_owned(),
            ),
            secret: true,
            ..DraftInput::default()
        });
    }
    format!("${{{{ inputs.{name} }}}}")
}

/// Notes cookies that were set before the recording began.
pub(super) fn unknown_cookies(entries: &[Entry<'_>], notes: &mut Notes) {
    let mut set: Vec<&str> = Vec::new();
    for entry in entries {
        notes.enter(format!("entry {}", entry.number));
        let cookies = Entry::headers(entry.request)
            .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
            .flat_map(|(_, value)| value.split(';'))
            .filter_map(|pair| pair.split('=').next());
        for name in cookies.map(str::trim).filter(|name| !name.is_empty()) {
            if !set.contains(&name) {
                set.push(name);
                notes.add(format!(
                    "the cookie `{name}` was set before the recording; it is not sent"
                ));
            }
        }
        let given = Entry::headers(entry.response)
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            // Some recorders put several into one header, a line each.
            .flat_map(|(_, value)| value.lines());
        set.extend(given.filter_map(|line| line.split('=').next()).map(str::trim));
    }
}
