use std::net::IpAddr;

use aei_core::host::Host;
use aei_core::runner::{StepError, StepErrorKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use url::Url;

/// A proxy: its address, and how the client says who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<String>,
}

impl Proxy {
    /// A proxy by its URL; a missing scheme is `http`.
    pub(super) fn parse(text: &str) -> Result<Self, StepError> {
        let invalid = |why: &str| {
            StepError::new(StepErrorKind::InvalidParams, format!("proxy `{text}`: {why}"))
                .at("/proxy")
        };
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&full).map_err(|error| invalid(&error.to_string()))?;
        if url.scheme() != "http" {
            return Err(invalid(&format!("`{}` proxies are not supported", url.scheme()))
                .help("Name one that speaks plain HTTP, such as `http://proxy:3128`."));
        }
        let host = url.host_str().ok_or_else(|| invalid("it has no host"))?.to_owned();
        let port = url.port_or_known_default().unwrap_or(80);
        Ok(Self { host, port, authorization: basic_of(&url) })
    }
}

/// The value of an `Authorization` for the user in a URL.
pub(super) fn basic_of(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some(basic(&decoded(url.username()), &decoded(url.password().unwrap_or_default())))
}

/// The value of an `Authorization` for a name and a password.
pub(super) fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}

/// The proxies that the environment names.
#[derive(Debug, Clone, Default)]
pub(super) struct EnvProxies {
    http: Option<String>,
    https: Option<String>,
    exempt: Vec<String>,
}

impl EnvProxies {
    pub(super) fn read(host: &dyn Host) -> Self {
        let get = |upper: &str| {
            let value = host.env(&upper.to_ascii_lowercase()).or_else(|| host.env(upper));
            value.filter(|value| !value.is_empty())
        };
        let any = get("ALL_PROXY");
        let exempt = get("NO_PROXY").unwrap_or_default();
        Self {
            http: get("HTTP_PROXY").or_else(|| any.clone()),
            https: get("HTTPS_PROXY").or(any),
            exempt: exempt.split(',').map(|name| name.trim().to_ascii_lowercase()).collect(),
        }
    }

    /// The proxy for a URL. This machine itself is always reached directly.
    pub(super) fn choose(&self, url: &Url) -> Result<Option<Proxy>, StepError> {
        let named = if url.scheme() == "https" { &self.https } else { &self.http };
        let (Some(named), Some(host)) = (named, url.host_str()) else { return Ok(None) };
        if is_local(host) || self.exempt.iter().any(|pattern| exempts(pattern, url, host)) {
            return Ok(None);
        }
        Proxy::parse(named).map(Some)
    }
}

fn is_local(host: &str) -> bool {
    host == "localhost" || address(host).is_some_and(|address| address.is_loopback())
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// One entry of `NO_PROXY`: `*`, a domain with those below it, an address, a network, each
/// perhaps with a port.
fn exempts(pattern: &str, url: &Url, host: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (name, port) = match pattern.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() && !name.contains(':') => {
            (name, port.parse::<u16>().ok())
        }
        _ => (pattern, None),
    };
    if port.is_some() && port != url.port_or_known_default() {
        return false;
    }
    if let Some(ip) = address(host) {
        return address(name) == Some(ip) || in_network(name, ip);
    }
    let domain = name.trim_start_matches("*.").trim_start_matches('.');
    !domain.is_empty()
        && (host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

fn in_network(network: &str, ip: IpAddr) -> bool {
    let Some((base, bits)) = network.split_once('/') else { return false };
    let (Some(base), Ok(bits)) = (address(base), bits.parse::<u32>()) else { return false };
    match (base, ip) {
        (IpAddr::V4(base), IpAddr::V4(ip)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(base) & mask == u32::from(ip) & mask
        }
        (IpAddr::V6(base), IpAddr::V6(ip)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(base) & mask == u128::from(ip) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(exempt: &[&str]) -> EnvProxies {
        EnvProxies {
            http: Some("http://ann:p%40ss@proxy:3128".into()),
            https: None,
            exempt: exempt.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    fn chosen(exempt: &[&str], url: &str) -> Option<Proxy> {
        proxies(exempt).choose(&Url::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn the_environment_chooses_by_scheme_and_host() {
        let proxy = chosen(&[], "http://example.org/").unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("proxy", 3128));
        assert_eq!(proxy.authorization, Some(basic("ann", "p@ss")));
        assert_eq!(chosen(&[], "https://example.org/"), None);
        for local in ["http://localhost/", "http://127.0.0.9/", "http://[::1]:8080/"] {
            assert_eq!(chosen(&[], local), None, "{local}");
        }
    }

    #[test]
    fn no_proxy_exempts_names_networks_and_ports() {
        for (pattern, url, exempt) in [
            ("*", "http://example.org/", true),
            ("example.org", "http://example.org/", true),
            ("example.org", "http://api.example.org/", true),
            (".example.org", "http://api.example.org/", true),
            ("example.org", "http://badexample.org/", false),
            ("example.org:8080", "http://example.org/", false),
            ("example.org:80", "http://example.org/", true),
            ("10.0.0.0/8", "http://10.1.2.3/", true),
            ("10.0.0.0/8", "http://11.1.2.3/", false),
            ("0.0.0.0/0", "http://11.1.2.3/", true),
            ("", "http://example.org/", false),
        ] {
            assert_eq!(chosen(&[pattern], url).is_none(), exempt, "{pattern} {url}");
        }
    }

    #[test]
    fn only_plain_proxies_are_taken() {
        assert!(Proxy::parse("socks5://proxy:1080").unwrap_err().message.contains("socks5"));
        assert_eq!(Proxy::parse("proxy:3128").unwrap().port, 3128);
    }
}
