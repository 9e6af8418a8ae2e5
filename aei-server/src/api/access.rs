//! Who asks, and what they may do.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aei_core::api::{NodeId, Scope, TokenId, UserId};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use utoipa::Modify;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};

use super::{ApiError, secret};
use crate::state::{AppState, now};
use crate::store::tokens::Bearer;
use crate::store::{nodes, tokens};

/// The name of the session cookie.
pub(crate) const SESSION_COOKIE: &str = "aei_session";

/// How long a token is believed in without looking it up. Ending one in this process is seen at
/// once; elsewhere, as soon as the word gets there, and after this time at the latest.
const BELIEF: Duration = Duration::from_secs(5);
/// The most tokens remembered.
const MAX_REMEMBERED: usize = 100_000;

/// A person, or a program in a person's name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) user: UserId,
    pub(crate) token: TokenId,
}

/// A caller who may look.
pub(crate) struct Reader(pub(crate) Caller);
/// A caller who may change what is tested, where, and when.
pub(crate) struct Writer(pub(crate) Caller);
/// A caller who may change the account itself.
pub(crate) struct Owner(pub(crate) Caller);

/// A node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeCaller {
    pub(crate) node: NodeId,
    pub(crate) user: UserId,
}

/// Tokens that were looked up lately.
#[derive(Default)]
pub(crate) struct TokenCache(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    epoch: u64,
    callers: HashMap<Vec<u8>, (Found, Instant)>,
}

/// Whose token it is.
#[derive(Debug, Clone, Copy)]
enum Found {
    Person(Bearer),
    Node(NodeCaller),
}

impl TokenCache {
    fn get(&self, hash: &[u8], epoch: u64) -> Option<Found> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.epoch != epoch {
            remembered.epoch = epoch;
            remembered.callers.clear();
        }
        let (found, at) = remembered.callers.get(hash)?;
        (at.elapsed() < BELIEF).then_some(*found)
    }

    /// Remembers what was looked up at an epoch; what was ended since then is not believed.
    fn put(&self, hash: Vec<u8>, found: Found, epoch: u64) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.epoch != epoch {
            return;
        }
        if remembered.callers.len() >= MAX_REMEMBERED {
            remembered.callers.retain(|_, (_, at)| at.elapsed() < BELIEF);
        }
        if remembered.callers.len() < MAX_REMEMBERED {
            remembered.callers.insert(hash, (found, Instant::now()));
        }
    }
}

/// The secret of a request, and whether a browser sent it by itself.
pub(crate) fn presented(parts: &Parts) -> Option<(String, bool)> {
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        let text = value.to_str().ok()?;
        let (scheme, secret) = text.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| (secret.trim().to_owned(), false));
    }
    let jar = CookieJar::from_headers(&parts.headers);
    jar.get(SESSION_COOKIE).map(|cookie| (cookie.value().to_owned(), true))
}

/// Whether a request that a browser sent was made by one of our own pages: by what the browser
/// says of itself, which a page of others cannot forge.
fn is_from_own_page(parts: &Parts) -> bool {
    if parts.method.is_safe() {
        return true;
    }
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, authority)| authority == host)
        }
        (Some(_), None) => false,
    }
}

async fn find(parts: &Parts, state: &AppState) -> Result<Found, ApiError> {
    let (text, by_browser) = presented(parts).ok_or_else(ApiError::unauthenticated)?;
    if by_browser && !is_from_own_page(parts) {
        return Err(ApiError::forbidden("cross-site", "another site sent this")
            .detail("a browser may change things from this server's own pages only"));
    }
    let hash = secret::hash(&text);
    let epoch = state.push.token_epoch();
    let found = match state.tokens.get(&hash, epoch) {
        Some(found) => found,
        None => {
            let found = look_up(&hash, state).await?.ok_or_else(ApiError::unauthenticated)?;
            state.tokens.put(hash, found, epoch);
            found
        }
    };
    match found {
        Found::Person(bearer) if bearer.expires_at.is_some_and(|end| end <= now()) => {
            Err(ApiError::unauthenticated())
        }
        found => Ok(found),
    }
}

async fn look_up(hash: &[u8], state: &AppState) -> Result<Option<Found>, ApiError> {
    let mut db = state.read().await?;
    if let Some(bearer) = tokens::by_hash(&mut db, hash).await? {
        return Ok(Some(Found::Person(bearer)));
    }
    let node = nodes::by_token(&mut db, hash).await?;
    Ok(node.map(|node| Found::Node(NodeCaller { node: node.id(), user: node.user() })))
}

async fn caller(parts: &Parts, state: &AppState, needed: Scope) -> Result<Caller, ApiError> {
    match find(parts, state).await? {
        Found::Person(bearer) if bearer.scope >= needed => {
            Ok(Caller { user: bearer.user, token: bearer.token })
        }
        Found::Person(_) => Err(ApiError::forbidden("scope", "this token may not do that")
            .detail("make a token with a wider scope")),
        Found::Node(_) => Err(ApiError::forbidden("node-token", "a node may not do that")),
    }
}

macro_rules! caller {
    ($name:ident, $scope:ident) => {
        impl FromRequestParts<AppState> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(
                parts: &mut Parts,
                state: &AppState,
            ) -> Result<Self, ApiError> {
                caller(parts, state, Scope::$scope).await.map(Self)
            }
        }
    };
}

caller!(Reader, Read);
caller!(Writer, Write);
caller!(Owner, Account);

impl FromRequestParts<AppState> for NodeCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        match find(parts, state).await? {
            Found::Node(node) => Ok(node),
            Found::Person(_) => Err(ApiError::forbidden("not-a-node", "only a node may do that")
                .detail("send the token that the node got when it registered")),
        }
    }
}

/// The ways in, for the OpenAPI document.
pub(crate) struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = |text: &str| {
            let mut http = Http::new(HttpAuthScheme::Bearer);
            http.description = Some(text.to_owned());
            SecurityScheme::Http(http)
        };
        components.add_security_scheme("token", bearer("An API token of a user."));
        components.add_security_scheme("node", bearer("The token of a node."));
        let cookie = ApiKeyValue::new(SESSION_COOKIE);
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}
