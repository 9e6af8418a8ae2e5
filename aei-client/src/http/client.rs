use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};

use super::address::Address;
use super::{ClientError, RetryPolicy};

/// A client of one server, with or without a token. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) address: Arc<Address>,
    pub(super) token: Option<HeaderValue>,
    pub(super) settings: Settings,
}

/// What a call goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) retry: RetryPolicy,
    /// How long the first byte of an answer is waited for, and then each further one.
    pub(super) timeout: Duration,
}

/// Makes a [`Client`].
#[derive(Debug)]
pub struct ClientBuilder {
    address: String,
    token: Option<String>,
    settings: Settings,
    agent: String,
    authorities: Vec<reqwest::Certificate>,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A dead peer behind a silent line is found out after a few of these.
const KEEPALIVE: Duration = Duration::from_secs(20);

impl Client {
    /// A client of the server at this address, without a token.
    pub fn new(address: &str) -> Result<Self, ClientError> {
        Self::builder(address).build()
    }

    /// Settings for a client of the server at this address.
    pub fn builder(address: &str) -> ClientBuilder {
        ClientBuilder {
            address: address.to_owned(),
            token: None,
            settings: Settings { retry: RetryPolicy::default(), timeout: Duration::from_secs(30) },
            agent: concat!("aei/", env!("CARGO_PKG_VERSION")).to_owned(),
            authorities: Vec::new(),
        }
    }

    /// The same client, with this token of a user or a node.
    pub fn with_token(&self, token: &str) -> Result<Self, ClientError> {
        Ok(Self { token: Some(bearer(token)?), ..self.clone() })
    }

    /// The same client, trying as often as this says.
    pub fn with_retry(&self, retry: RetryPolicy) -> Self {
        Self { settings: Settings { retry, ..self.settings }, ..self.clone() }
    }

    /// The server's address, as messages show it.
    pub fn server(&self) -> String {
        self.address.name()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("server", &self.server()).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// The token of a user or a node.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// How often calls are tried.
    #[must_use]
    pub const fn retry(mut self, retry: RetryPolicy) -> Self {
        self.settings.retry = retry;
        self
    }

    /// How long an answer may be silent. Uploads get more by their size.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// What the program calls itself in the server's log.
    #[must_use]
    pub fn user_agent(mut self, agent: impl Into<String>) -> Self {
        self.agent = agent.into();
        self
    }

    /// A PEM file of authorities to trust beside the machine's own.
    pub fn authorities(mut self, path: &Path) -> Result<Self, ClientError> {
        let pem = std::fs::read(path)
            .map_err(|source| ClientError::File { path: path.to_owned(), source })?;
        let found = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|error| ClientError::Setup(format!("`{}`: {error}", path.display())))?;
        self.authorities.extend(found);
        Ok(self)
    }

    /// The client.
    pub fn build(self) -> Result<Client, ClientError> {
        let address = Address::parse(&self.address)?;
        let token = self.token.as_deref().map(bearer).transpose()?;
        // reqwest asks the process for its provider; ours is ring unless somebody chose before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let setup = |error: &dyn std::fmt::Display| ClientError::Setup(error.to_string());
        let agent = HeaderValue::from_str(&self.agent).map_err(|error| setup(&error))?;
        let http = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(USER_AGENT, agent)]))
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_keepalive(KEEPALIVE)
            // A token must not follow a redirect, and a write must not become a read.
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_merge(self.authorities)
            .build()
            .map_err(|error| setup(&error))?;
        Ok(Client { http, address: Arc::new(address), token, settings: self.settings })
    }
}

fn bearer(token: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
        .map_err(|_| ClientError::Setup("the token holds signs that no token has".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

impl Client {
    pub(super) fn headers(&self) -> HeaderMap {
        let token = self.token.clone().map(|token| (AUTHORIZATION, token));
        HeaderMap::from_iter(token)
    }
}
