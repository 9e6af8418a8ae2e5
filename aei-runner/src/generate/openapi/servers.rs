use serde_json::Value;
use url::Url;

use super::documents::At;
use super::template::{Context, Dialect};
use crate::generate::Origin;
use crate::generate::document::DraftInput;

/// Where a service is looked for when nothing tells.
const UNKNOWN: &str = "http://127.0.0.1:8080";

/// The input that tells where the service is.
///
/// A description that was fetched tells by its own address: the host that it names is often that
/// of another deployment.
pub(super) fn base_url(context: &mut Context<'_>, origin: &Origin) -> DraftInput {
    let named = named(context);
    let default = match (origin, named.first()) {
        (Origin::Url(place), named) => {
            let named = named.map(String::as_str).unwrap_or_default();
            let path = place.join(named).map(|url| url.path().to_owned()).unwrap_or_default();
            let path = if named.is_empty() { String::new() } else { path };
            format!("{}{}", place.origin().ascii_serialization(), path)
        }
        (_, Some(named)) if named.contains("://") => named.clone(),
        (_, Some(path)) => format!("{UNKNOWN}/{}", path.trim_start_matches('/')),
        (_, None) => UNKNOWN.to_owned(),
    };
    let mut description = "Where the service is".to_owned();
    let others: Vec<&str> = named
        .iter()
        .map(String::as_str)
        .filter(|url| {
            url.contains("://") && url.trim_end_matches('/') != default.trim_end_matches('/')
        })
        .collect();
    if !others.is_empty() {
        description.push_str("; the description also names ");
        description.push_str(&others.join(", "));
    }
    DraftInput::text("base_url", default.trim_end_matches('/'), &description)
}

/// The addresses that the description names.
fn named(context: &mut Context<'_>) -> Vec<String> {
    let root = context.root;
    if context.dialect == Dialect::Swagger2 {
        let path = root.text("basePath").unwrap_or_default();
        let Some(host) = root.text("host") else {
            return if path.is_empty() { Vec::new() } else { vec![path.to_owned()] };
        };
        let schemes: Vec<&str> = root
            .get("schemes")
            .map(|list| list.items().filter_map(|item| item.value.as_str()).collect())
            .unwrap_or_default();
        let schemes = if schemes.is_empty() { vec!["https"] } else { schemes };
        return schemes
            .into_iter()
            .filter(|scheme| scheme.starts_with("http"))
            .map(|scheme| format!("{scheme}://{host}{path}"))
            .collect();
    }
    let servers = root.get("servers").map(|list| list.items().collect::<Vec<_>>());
    servers.unwrap_or_default().into_iter().filter_map(|server| filled(context, server)).collect()
}

/// A server's address with its variables filled in.
pub(super) fn filled(context: &mut Context<'_>, server: At<'_>) -> Option<String> {
    let mut url = server.text("url")?.to_owned();
    for (name, variable) in server.get("variables").into_iter().flat_map(At::entries) {
        let first = || variable.get("enum").and_then(|list| list.items().next()).map(|at| at.value);
        let value = match variable.value.get("default").or_else(first) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => continue,
        };
        let hole = format!("{{{name}}}");
        if url.contains(&hole) {
            url = url.replace(&hole, &value);
            context.notes.enter("servers");
            context.notes.add(format!("`{name}` of the server's address is fixed to `{value}`"));
        }
    }
    let relative = !url.contains("://");
    // An address that cannot be parsed would only fail later, far from its cause.
    (relative || Url::parse(&url).is_ok()).then_some(url)
}
