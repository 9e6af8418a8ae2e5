use aei_core::runner::{StepError, StepErrorKind};
use url::Url;

use super::params::Version;
use super::proxy::Proxy;
use crate::tls::TlsOptions;

/// Where a connection leads and how it was made: requests with equal targets share connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<TlsOptions>,
    pub(super) version: Option<Version>,
    pub(super) route: Route,
}

/// The way to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Direct,
    Proxy(Proxy),
    Socket(String),
}

impl Target {
    /// The server as people write it, for messages.
    pub(super) fn name(&self) -> String {
        match &self.route {
            Route::Socket(path) => path.clone(),
            _ => format!("{}:{}", self.host, self.port),
        }
    }

    /// Whether requests name the whole URL, as a plain proxy wants it.
    pub(super) fn absolute_form(&self) -> bool {
        self.tls.is_none() && matches!(self.route, Route::Proxy(_))
    }
}

/// The URL of a request: `url` itself, or appended to `base`.
pub(super) fn resolve(base: Option<&str>, url: &str) -> Result<Url, StepError> {
    let wrong = |at: &str, text: &str, why: &dyn std::fmt::Display| {
        StepError::new(StepErrorKind::InvalidParams, format!("`{text}` is no URL: {why}")).at(at)
    };
    let parsed = if has_scheme(url) {
        Url::parse(url).map_err(|error| wrong("/url", url, &error))?
    } else if let Some(base) = base.filter(|base| !base.is_empty()) {
        let joined = append(base, url);
        let parsed = Url::parse(&joined).map_err(|error| {
            let error = wrong("/url", &joined, &error);
            if has_scheme(base) { error } else { help_scheme(error) }
        });
        parsed?
    } else if url.is_empty() {
        return Err(StepError::new(StepErrorKind::InvalidParams, "there is no `url`")
            .help("Give the step a `url`, or the template a `base_url` under `defaults`."));
    } else {
        let error = wrong("/url", url, &"it has no scheme and there is no `base_url`");
        return Err(help_scheme(error));
    };
    if !matches!(parsed.scheme(), "http" | "https") {
        let scheme = parsed.scheme();
        return Err(wrong("/url", url, &format_args!("`{scheme}` is neither `http` nor `https`")));
    }
    Ok(parsed)
}

fn help_scheme(error: StepError) -> StepError {
    error.help(
        "Write it in full, such as `http://127.0.0.1:8080/path`, or set `base_url` under \
         `defaults: { with: { http: … } }`.",
    )
}

fn has_scheme(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

fn append(base: &str, url: &str) -> String {
    let base = base.split(['?', '#']).next().unwrap_or(base);
    if url.is_empty() || url.starts_with(['?', '#']) {
        return format!("{base}{url}");
    }
    format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_appended_to_the_base() {
        for (base, url, whole) in [
            ("http://h:8080", "/pets", "http://h:8080/pets"),
            ("http://h/v1", "/pets?x=1", "http://h/v1/pets?x=1"),
            ("http://h/v1/", "pets", "http://h/v1/pets"),
            ("http://h/v1?k=1", "", "http://h/v1"),
            ("http://h/v1", "?k=1", "http://h/v1?k=1"),
            ("http://h/v1", "https://other/x", "https://other/x"),
            ("http://h", "/go?to=http://else/", "http://h/go?to=http://else/"),
        ] {
            assert_eq!(resolve(Some(base), url).unwrap().as_str(), whole, "{base} + {url}");
        }
    }

    #[test]
    fn what_is_no_url_says_what_to_do() {
        for (base, url) in [
            (None, "/pets"),
            (None, ""),
            (Some("h:80"), "/x"),
            (None, "ftp://h/"),
            (None, "http://"),
        ] {
            let error = resolve(base, url).unwrap_err();
            assert_eq!(error.kind, StepErrorKind::InvalidParams, "{base:?} + {url}");
        }
        assert!(resolve(None, "/pets").unwrap_err().help.is_some());
    }
}
