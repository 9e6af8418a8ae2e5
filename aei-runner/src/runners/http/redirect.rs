use aei_core::runner::{StepError, StepErrorKind};
use http::header::{self, HeaderMap};
use http::{Method, StatusCode};
use url::Url;

use super::draft::Draft;

/// Where a response sends the client, if it does.
pub(super) fn location(
    status: StatusCode,
    headers: &HeaderMap,
    from: &Url,
) -> Result<Option<Url>, StepError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(value) = headers.get(header::LOCATION) else { return Ok(None) };
    let text = String::from_utf8_lossy(value.as_bytes());
    let wrong = |why: &str| {
        StepError::new(StepErrorKind::Protocol, format!("`{from}` redirects to `{text}`, {why}"))
            .help("`redirects: false` looks at the redirect itself.")
    };
    let mut url = from.join(&text).map_err(|error| wrong(&format!("which is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("which is not HTTP"));
    }
    url.set_fragment(None);
    Ok(Some(url))
}

impl Draft {
    /// Turns the request into the next one, as RFC 9110 and browsers have it: `POST` becomes
    /// `GET` after 301 and 302, all but `HEAD` do after 303, and credentials stay with their
    /// origin.
    pub(super) fn redirect(&mut self, status: StatusCode, to: Url) {
        let becomes_get = match status.as_u16() {
            301 | 302 => self.method == Method::POST,
            303 => self.method != Method::HEAD && self.method != Method::GET,
            _ => false,
        };
        if becomes_get {
            self.method = Method::GET;
            self.payload = None;
            for name in [
                header::CONTENT_TYPE,
                header::CONTENT_LENGTH,
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
                header::CONTENT_LOCATION,
                header::TRANSFER_ENCODING,
            ] {
                self.headers.remove(name);
            }
        }
        if self.url.origin() != to.origin() {
            for name in
                [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION, header::HOST]
            {
                self.headers.remove(name);
            }
            self.cookies.clear();
            self.digest = None;
        }
        self.url = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn draft(method: Method) -> Draft {
        let mut headers = HeaderMap::new();
        for name in [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT] {
            headers.insert(name, HeaderValue::from_static("x"));
        }
        let url = Url::parse("http://h/a").unwrap();
        let payload = Some(super::super::payload::Payload::raw(b"x".to_vec()));
        Draft { method, url, headers, payload, cookies: "own=1".to_owned(), digest: None }
    }

    fn followed(method: Method, status: u16, to: &str) -> Draft {
        let mut draft = draft(method);
        draft.redirect(StatusCode::from_u16(status).unwrap(), Url::parse(to).unwrap());
        draft
    }

    #[test]
    fn methods_change_as_browsers_change_them() {
        for (method, status, expected) in [
            (Method::POST, 301, Method::GET),
            (Method::POST, 302, Method::GET),
            (Method::PUT, 302, Method::PUT),
            (Method::PUT, 303, Method::GET),
            (Method::HEAD, 303, Method::HEAD),
            (Method::POST, 307, Method::POST),
            (Method::POST, 308, Method::POST),
        ] {
            let draft = followed(method.clone(), status, "http://h/b");
            assert_eq!(draft.method, expected, "{method} {status}");
            let keeps = expected == method;
            assert_eq!(draft.payload.is_some(), keeps, "{method} {status}");
            assert_eq!(draft.headers.contains_key(header::CONTENT_TYPE), keeps);
        }
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        assert!(followed(Method::GET, 302, "http://h/b").headers.contains_key("authorization"));
        for to in ["http://other/b", "https://h/b", "http://h:81/b"] {
            let draft = followed(Method::GET, 302, to);
            assert!(!draft.headers.contains_key("authorization"), "{to}");
            assert!(draft.headers.contains_key("accept"), "{to}");
            assert_eq!(draft.cookies, "", "{to}");
        }
    }

    #[test]
    fn only_redirects_with_a_place_are_followed() {
        let from = Url::parse("http://h/a/b?q").unwrap();
        let mut headers = HeaderMap::new();
        assert_eq!(location(StatusCode::FOUND, &headers, &from).unwrap(), None);
        headers.insert(header::LOCATION, HeaderValue::from_static("../c#x"));
        let to = location(StatusCode::FOUND, &headers, &from).unwrap();
        assert_eq!(to.unwrap().as_str(), "http://h/c");
        assert_eq!(location(StatusCode::NOT_MODIFIED, &headers, &from).unwrap(), None);
        headers.insert(header::LOCATION, HeaderValue::from_static("file:///etc/passwd"));
        assert!(location(StatusCode::FOUND, &headers, &from).is_err());
    }
}
