//! Addresses as texts: their parts, without changing how anything in them is written.

use serde_json::Value;
use url::form_urlencoded;

use super::marked;

/// An address that may hold variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Scheme, host and port, such as `http://127.0.0.1:8080`; empty when the address begins with
    /// a variable or a path.
    pub(super) origin: String,
    /// The rest, without query and fragment.
    pub(super) path: String,
    /// The query as it is written, without the `?`.
    pub(super) query: Option<String>,
}

impl Address {
    /// Takes an address apart.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim().split('#').next().unwrap_or_default();
        let (before, query) = match text.split_once('?') {
            Some((before, query)) => (before, Some(query.to_owned())),
            None => (text, None),
        };
        let (origin, path) = match before.find("://") {
            Some(scheme) if !before[..scheme].contains('/') => {
                let host = scheme + 3;
                let end = before[host..].find('/').map_or(before.len(), |slash| host + slash);
                before.split_at(end)
            }
            _ => ("", before),
        };
        let query = query.filter(|query| !query.is_empty());
        Self { origin: origin.to_owned(), path: path.to_owned(), query }
    }

    /// The query's names and values, when they can be written again the same way.
    pub(super) fn pairs(&self) -> Option<Vec<(String, Value)>> {
        let query = self.query.as_deref()?;
        if query.split('&').any(|pair| !pair.contains('=') || pair.starts_with('=')) {
            return None;
        }
        // Variables may stand where only encoded text could.
        let pairs: Vec<(String, String)> = if marked::has_marks(query) {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (decoded(name), decoded(value)))
                .collect()
        } else {
            form_urlencoded::parse(query.as_bytes()).into_owned().collect()
        };
        let lossless =
            pairs.iter().all(|(name, value)| !format!("{name}{value}").contains('\u{fffd}'));
        // A map keeps one place a name: others between two of the same would move.
        let mut order: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        order.dedup();
        let grouped = order.iter().enumerate().all(|(at, name)| !order[..at].contains(name));
        (lossless && grouped)
            .then(|| pairs.iter().map(|(n, v)| (n.clone(), Value::from(v.as_str()))).collect())
    }

    /// Path and query as they are written.
    pub(super) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The path as people call it.
    pub(super) fn title(&self) -> &str {
        if self.path.is_empty() { "/" } else { &self.path }
    }
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

/// The origin that most of the addresses have; the first of those.
pub(super) fn main_origin<'a>(addresses: impl Iterator<Item = &'a Address>) -> Option<String> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for address in addresses.filter(|address| !address.origin.is_empty()) {
        match counts.iter_mut().find(|(origin, _)| *origin == address.origin) {
            Some((_, count)) => *count += 1,
            None => counts.push((&address.origin, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    counts.iter().find(|(_, count)| *count == most).map(|(origin, _)| (*origin).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_apart() {
        let address = Address::parse("http://h:1/a/b?x=1&y=a%20b#top");
        assert_eq!((address.origin.as_str(), address.path.as_str()), ("http://h:1", "/a/b"));
        let pairs = address.pairs().unwrap();
        assert_eq!(pairs[1], ("y".to_owned(), "a b".into()));
        assert_eq!(Address::parse("/a?flag").pairs(), None);
        assert_eq!(Address::parse("h/a?next=http://x/").origin, "");
    }
}
