use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use aei_core::runner::{StepContext, StepError};
use cookie_store::{CookieStore, RawCookie};
use http::{HeaderMap, header};
use rustls::ClientConfig;
use url::Url;

use super::connect::Connect;
use super::connection::{Connection, Opened, Tasks};
use super::digest::Challenge;
use super::draft::Draft;
use super::params::{Params, ProxyChoice, Version};
use super::proxy::{EnvProxies, Proxy};
use super::target::{Route, Target};
use crate::tls::{self, TlsOptions};

/// What the requests of a case share: open connections, cookies, TLS settings.
#[derive(Default)]
pub(super) struct Client {
    inner: Mutex<Inner>,
    tasks: Tasks,
    env: OnceLock<EnvProxies>,
}

#[derive(Default)]
struct Inner {
    idle: Vec<Connection>,
    jars: HashMap<String, CookieStore>,
    configs: Vec<(TlsOptions, Option<Version>, Arc<ClientConfig>)>,
    /// What servers asked for last, by origin.
    challenges: HashMap<String, Challenge>,
}

/// How many idle connections a case keeps.
const IDLE: usize = 32;

/// How long connecting may take unless a step says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Client {
    /// The client of a case.
    pub(super) fn of(cx: &StepContext) -> Arc<Self> {
        cx.case_state.get_or_init(|| {
            let client = Self::default();
            let tasks = client.tasks.clone();
            cx.case_state.on_close(Box::new(move || Box::pin(tasks.close())));
            client
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a request to `url` goes, and by which way.
    pub(super) fn target(
        &self,
        url: &Url,
        params: &Params,
        cx: &StepContext,
    ) -> Result<Target, StepError> {
        let route = match (&params.unix_socket, &params.proxy) {
            (Some(path), _) => Route::Socket(path.clone()),
            (None, Some(ProxyChoice::Direct)) => Route::Direct,
            (None, Some(ProxyChoice::Through(proxy))) => Route::Proxy(Proxy::parse(proxy)?),
            (None, None) => {
                let env = self.env.get_or_init(|| EnvProxies::read(cx.host.as_ref()));
                env.choose(url)?.map_or(Route::Direct, Route::Proxy)
            }
        };
        Ok(Target {
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or(80),
            tls: (url.scheme() == "https").then(|| params.tls.clone()),
            version: params.version,
            route,
        })
    }

    /// An idle connection to the target, if there is one; the one used last comes first.
    pub(super) fn take(&self, target: &Target) -> Option<Connection> {
        let mut inner = self.inner();
        inner.idle.retain(|connection| !connection.is_closed());
        let index = inner.idle.iter().rposition(|connection| connection.target == *target)?;
        let mut connection = inner.idle.remove(index);
        connection.reused = true;
        Some(connection)
    }

    /// Keeps a connection for later.
    pub(super) fn give_back(&self, mut connection: Connection) {
        if connection.is_closed() {
            return;
        }
        connection.idle_since = Instant::now();
        let mut inner = self.inner();
        if inner.idle.len() == IDLE {
            inner.idle.remove(0);
        }
        inner.idle.push(connection);
    }

    /// Opens a connection.
    pub(super) async fn open(&self, target: &Target, params: &Params, cx: &StepContext) -> Opened {
        let config = match &target.tls {
            Some(options) => Some(self.config(options, target.version, cx)?),
            None => None,
        };
        let connect = Connect {
            target,
            config,
            timeout: params.connect_timeout.map_or(CONNECT_TIMEOUT, |period| period.0),
            cx,
            tasks: &self.tasks,
        };
        connect.open().await
    }

    fn config(
        &self,
        options: &TlsOptions,
        version: Option<Version>,
        cx: &StepContext,
    ) -> Result<Arc<ClientConfig>, StepError> {
        let mut inner = self.inner();
        let known = inner.configs.iter().find(|known| known.0 == *options && known.1 == version);
        if let Some((_, _, config)) = known {
            return Ok(Arc::clone(config));
        }
        let alpn: &[&[u8]] = match version {
            None => &[b"h2", b"http/1.1"],
            Some(Version::Http1) => &[b"http/1.1"],
            Some(Version::Http2) => &[b"h2"],
        };
        let config = tls::client_config(options, &cx.work_dir, cx.host.as_ref(), alpn)?;
        inner.configs.push((options.clone(), version, Arc::clone(&config)));
        Ok(config)
    }

    /// Proves who the client is, where the server has asked for it in this case before.
    pub(super) fn prove(&self, draft: &mut Draft, cx: &StepContext) -> Result<(), StepError> {
        if draft.digest.is_none() {
            return Ok(());
        }
        let origin = draft.url.origin().ascii_serialization();
        match self.inner().challenges.get_mut(&origin) {
            Some(challenge) => draft.prove(challenge, &cx.host.uuid().simple().to_string()),
            None => Ok(()),
        }
    }

    /// Remembers what a server asks for.
    pub(super) fn challenged(&self, url: &Url, challenge: Challenge) {
        self.inner().challenges.insert(url.origin().ascii_serialization(), challenge);
    }

    /// The cookies that a jar has for a URL, as `a=1; b=2`.
    pub(super) fn cookies_for(&self, session: &str, url: &Url) -> String {
        let inner = self.inner();
        let Some(jar) = inner.jars.get(session) else { return String::new() };
        let mut text = String::new();
        for (name, value) in jar.get_request_values(url) {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(name);
            text.push('=');
            text.push_str(value);
        }
        text
    }

    /// Puts the cookies of a response into a jar; ones that are not for its URL are ignored, as
    /// browsers do.
    pub(super) fn store_cookies(&self, session: &str, url: &Url, headers: &HeaderMap) {
        if !headers.contains_key(header::SET_COOKIE) {
            return;
        }
        let mut inner = self.inner();
        let jar = inner.jars.entry(session.to_owned()).or_default();
        for cookie in set_cookies(headers) {
            let _ = jar.insert_raw(&cookie, url);
        }
    }
}

/// The cookies that a response sets, as far as they can be read.
pub(super) fn set_cookies(headers: &HeaderMap) -> impl Iterator<Item = RawCookie<'static>> {
    headers.get_all(header::SET_COOKIE).iter().filter_map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        RawCookie::parse(text).ok()
    })
}
