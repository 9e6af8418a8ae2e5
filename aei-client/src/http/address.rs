use aei_core::api::PREFIX;
use url::Url;

use super::ClientError;

/// Where a server is: scheme, host, port, and a path when it lives below one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address(Url);

impl Address {
    /// Reads what people type: `example.org` and `localhost:8080` are meant as `https` and `http`.
    pub(super) fn parse(text: &str) -> Result<Self, ClientError> {
        let wrong = |reason: String| ClientError::Address { address: text.to_owned(), reason };
        let trimmed = text.trim();
        let whole = if trimmed.contains("://") {
            trimmed.to_owned()
        } else {
            format!("{}://{trimmed}", if is_local(trimmed) { "http" } else { "https" })
        };
        let mut url = Url::parse(&whole).map_err(|error| wrong(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong(format!("`{}` is not `http` or `https`", url.scheme())));
        }
        if url.host().is_none() {
            return Err(wrong("it names no host".to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("a name or password does not belong into it".to_owned()));
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix(PREFIX).unwrap_or(path).to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The URL of a route below the API's prefix; each segment is escaped.
    pub(super) fn route<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            path.extend(PREFIX.split('/').filter(|part| !part.is_empty()));
            path.extend(segments);
        }
        url
    }

    /// What messages call the server.
    pub(super) fn name(&self) -> String {
        self.0.as_str().trim_end_matches('/').to_owned()
    }
}

/// Whether a host without a scheme is this machine, where nobody has a certificate.
fn is_local(text: &str) -> bool {
    let host = text.split(['/', ':']).next().unwrap_or_default();
    host == "localhost" || host.starts_with("127.") || text.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_leave_out_what_is_clear() {
        for (typed, meant) in [
            ("localhost:8080", "http://localhost:8080"),
            ("127.0.0.1:1", "http://127.0.0.1:1"),
            ("[::1]:1", "http://[::1]:1"),
            ("aei.example.org", "https://aei.example.org"),
            ("http://aei.example.org/", "http://aei.example.org"),
            ("https://example.org/aei/", "https://example.org/aei"),
            ("https://example.org/aei/api/v1/", "https://example.org/aei"),
        ] {
            assert_eq!(Address::parse(typed).unwrap().name(), meant);
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (typed, why) in [
            ("ftp://x", "is not `http` or `https`"),
            ("http://", "empty host"),
            ("http://ann:secret@x", "does not belong"),
            ("http://x:99999", "port"),
        ] {
            let error = Address::parse(typed).unwrap_err().to_string();
            assert!(error.contains(why), "{typed}: {error}");
        }
    }

    #[test]
    fn segments_cannot_leave_their_place() {
        let address = Address::parse("http://x/aei").unwrap();
        let url = address.route(["templates", "a/b ?ü"]);
        assert_eq!(url.as_str(), "http://x/aei/api/v1/templates/a%2Fb%20%3F%C3%BC");
    }
}
