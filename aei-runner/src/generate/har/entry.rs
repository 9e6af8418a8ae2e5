use serde_json::{Value, json};

use super::{body, headers};
use crate::generate::address::Address;
use crate::generate::document::{DraftInput, DraftStep, literal, literal_text};
use crate::generate::note::Notes;
use crate::generate::request::Request;

/// A request and its response as they were recorded.
pub(super) struct Entry<'a> {
    /// The place in the recording, from 1.
    pub(super) number: usize,
    pub(super) method: &'a str,
    pub(super) address: Address,
    pub(super) request: &'a Value,
    pub(super) response: &'a Value,
    pub(super) status: u64,
    pub(super) page: &'a str,
    pub(super) started: &'a str,
}

impl<'a> Entry<'a> {
    /// Reads an entry; the error says why it cannot be sent again.
    pub(super) fn read(number: usize, value: &'a Value) -> Result<Self, String> {
        let text = |value: &'a Value, key: &str| value.get(key).and_then(Value::as_str);
        let (request, response) = (&value["request"], &value["response"]);
        let method = text(request, "method").filter(|m| !m.is_empty()).ok_or("it has no method")?;
        let url = text(request, "url").ok_or("it has no address")?;
        let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if text(value, "_resourceType") == Some("websocket") || matches!(&*scheme, "ws" | "wss") {
            return Err(format!("the websocket `{url}` is left out"));
        }
        if !matches!(&*scheme, "http" | "https") {
            return Err(format!("an address of the scheme `{scheme}` is left out"));
        }
        if method.eq_ignore_ascii_case("CONNECT") {
            return Err("a tunnel (`CONNECT`) is left out".to_owned());
        }
        let status = response.get("status").and_then(Value::as_u64).unwrap_or(0);
        if status < 100 {
            return Err(format!("`{method} {url}` got no response when it was recorded"));
        }
        Ok(Self {
            number,
            method,
            address: Address::parse(url),
            request,
            response,
            status,
            page: text(value, "pageref").unwrap_or_default(),
            started: text(value, "startedDateTime").unwrap_or_default(),
        })
    }

    /// Name and value of each header of a side.
    pub(super) fn headers(side: &'a Value) -> impl Iterator<Item = (&'a str, &'a str)> {
        side.get("headers")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|header| Some((header["name"].as_str()?, header["value"].as_str()?)))
    }

    /// Whether cookies were set or sent.
    pub(super) fn has_cookies(&self) -> bool {
        let has = |side: &'a Value, name: &str| {
            Self::headers(side).any(|(header, _)| header.eq_ignore_ascii_case(name))
                || side
                    .get("cookies")
                    .and_then(Value::as_array)
                    .is_some_and(|list| !list.is_empty())
        };
        has(self.request, "cookie") || has(self.response, "set-cookie")
    }

    /// The response's media type, when it tells one.
    fn media_type(&self) -> Option<String> {
        let header = Self::headers(self.response)
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map(|(_, value)| value);
        let kind = header?.split(';').next()?.trim().to_ascii_lowercase();
        kind.contains('/').then_some(kind)
    }
}

/// The step that sends the request again.
pub(super) fn step(
    entry: &Entry<'_>,
    main: &str,
    shared: &[(String, String)],
    credentials: &mut Vec<DraftInput>,
    notes: &mut Notes,
) -> DraftStep {
    let title = format!("{} {}", entry.method, entry.address.title());
    notes.enter(format!("entry {} ({title})", entry.number));
    let address = &entry.address;
    let mut request = Request { method: entry.method.to_owned(), ..Request::default() };
    let prefix = if address.origin == main { "" } else { &address.origin };
    if let Some(pairs) = address.pairs() {
        request.url = literal_text(&format!("{prefix}{}", address.title()));
        request.query = pairs.into_iter().map(|(name, value)| (name, literal(&value))).collect();
    } else {
        request.url = literal_text(&format!("{prefix}{}", address.path_and_query()));
    }
    body::apply(entry, &mut request, notes);
    headers::apply(entry, main, shared, &mut request, credentials);
    if matches!(entry.status, 301 | 302 | 303 | 307 | 308) {
        request.extra.insert("redirects".to_owned(), false.into());
    }
    DraftStep {
        name: Some(literal_text(&title)),
        uses: "http",
        with: request.into_with(),
        expect: expect(entry),
        ..DraftStep::default()
    }
}

fn expect(entry: &Entry<'_>) -> Vec<Value> {
    let status = match entry.status {
        // Whether a copy is still fresh depends on what the client has stored.
        304 => json!({ "that": "status", "in": [200, 304] }),
        status => json!({ "that": "status", "equals": status }),
    };
    let mut expect = vec![status];
    if entry.status == 304 || entry.method.eq_ignore_ascii_case("HEAD") {
        return expect;
    }
    if let Some(kind) = entry.media_type() {
        expect.push(json!({ "that": "headers.content-type", "starts_with": literal_text(&kind) }));
        if kind.ends_with("/json") || kind.ends_with("+json") {
            expect.push(json!({ "that": "json", "exists": true }));
        }
    }
    expect
}
