use serde_json::{Value, json};

use super::body::{self, pairs, text};
use super::script::{self, Said};
use crate::generate::marked::mark_braces;
use crate::generate::request::Request;

/// A request of the collection with what its folders give it.
pub(super) struct Found<'a> {
    pub(super) name: &'a str,
    pub(super) folders: Vec<&'a str>,
    pub(super) item: &'a Value,
    /// The nearest `auth` above, unless the request has its own.
    pub(super) auth: Option<&'a Value>,
}

/// The request with its texts marked, what its script says, and what was left out.
pub(super) struct Read {
    pub(super) request: Request,
    /// The path as people call it.
    pub(super) title: String,
    pub(super) said: Said,
    pub(super) notes: Vec<String>,
}

/// Reads a request.
pub(super) fn read(found: &Found<'_>) -> Read {
    let item = &found.item["request"];
    let mut notes = Vec::new();
    let mut request = Request::default();
    let method = item["method"].as_str().filter(|method| !method.trim().is_empty());
    request.method = method.unwrap_or("GET").trim().to_ascii_uppercase();
    let title = url(item.get("url").unwrap_or(item), &mut request);
    for (name, header) in pairs(&item["header"]) {
        request.headers.push((mark_braces(name), text(&header["value"]).into()));
    }
    body::apply(&item["body"], &mut request, &mut notes);
    let auth = item.get("auth").filter(|auth| !auth.is_null()).or(found.auth);
    if let Some(auth) = auth {
        authorise(auth, &mut request, &mut notes);
    }
    if found.item["protocolProfileBehavior"]["followRedirects"].as_bool() == Some(false) {
        request.extra.insert("redirects".to_owned(), false.into());
    }
    let said = scripts(found.item, &mut notes);
    Read { request, title, said, notes }
}

/// Fills in the address; the answer is the path for people.
fn url(url: &Value, request: &mut Request) -> String {
    let raw = match url {
        Value::String(raw) => raw.as_str(),
        other => other["raw"].as_str().unwrap_or_default(),
    };
    let mut raw = mark_braces(raw.split('#').next().unwrap_or_default());
    for (name, variable) in pairs(&url["variable"]) {
        // `:id` of a path.
        let hole = format!("/:{name}");
        if let Some(at) = raw.find(&hole) {
            raw.replace_range(at..at + hole.len(), &format!("/{}", text(&variable["value"])));
        }
    }
    let (path, query) = raw.split_once('?').unwrap_or((&raw, ""));
    if url["query"].is_array() {
        for (name, field) in pairs(&url["query"]) {
            request.query.push((mark_braces(name), text(&field["value"]).into()));
        }
        path.clone_into(&mut request.url);
    } else {
        request.url = if query.is_empty() { path.to_owned() } else { raw.clone() };
    }
    let after = path.split_once("://").map_or(path, |(_, after)| after);
    after.find('/').map_or("/", |slash| &after[slash..]).to_owned()
}

fn authorise(auth: &Value, request: &mut Request, notes: &mut Vec<String>) {
    let kind = auth["type"].as_str().unwrap_or_default();
    // Version 2.1 has a list of key and value, 2.0 a map.
    let get = |key: &str| -> String {
        let list = pairs(&auth[kind])
            .find(|(name, _)| *name == key)
            .map(|(_, entry)| text(&entry["value"]));
        list.unwrap_or_else(|| text(&auth[kind][key]))
    };
    let login = || json!({ "username": get("username"), "password": get("password") });
    match kind {
        "noauth" | "" => {}
        "basic" | "digest" => {
            request.extra.insert("auth".to_owned(), json!({ kind: login() }));
        }
        "bearer" => {
            request.extra.insert("auth".to_owned(), json!({ "bearer": get("token") }));
        }
        "oauth2" => {
            request.extra.insert("auth".to_owned(), json!({ "bearer": get("accessToken") }));
            notes.push("OAuth 2 is not carried out: the access token is sent as it is".to_owned());
        }
        "apikey" => {
            let (name, value) = (get("key"), Value::from(get("value")));
            if get("in") == "query" {
                request.query.push((name, value));
            } else {
                request.headers.push((name, value));
            }
        }
        other => notes.push(format!("authentication by `{other}` is not supported")),
    }
}

fn scripts(item: &Value, notes: &mut Vec<String>) -> Said {
    let mut said = Said::default();
    for event in item["event"].as_array().into_iter().flatten() {
        let exec = &event["script"]["exec"];
        let lines: Vec<&str> = match exec {
            Value::String(text) => text.lines().collect(),
            other => other
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .flat_map(str::lines)
                .collect(),
        };
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.trim().is_empty()).collect();
        match event["listen"].as_str() {
            Some("test") => {
                said = script::read(&lines);
                for line in &said.left_out {
                    let short: String = line.chars().take(80).collect();
                    notes.push(format!("not understood in the test script: `{short}`"));
                }
            }
            Some(kind) if !lines.is_empty() => {
                notes
                    .push(format!("the {kind} script ({} lines) is not carried over", lines.len()));
            }
            _ => {}
        }
    }
    said
}
