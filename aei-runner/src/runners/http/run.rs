use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use aei_core::runner::{StepContext, StepError, StepErrorKind};
use chrono::DateTime;
use http::{HeaderMap, StatusCode, header, response};
use serde_json::{Map, Value};

use super::client::{Client, set_cookies};
use super::connect::millis;
use super::content::Content;
use super::decode::{DecodeError, unpack};
use super::digest::Challenge;
use super::draft::Draft;
use super::exchange::{Exchange, Exchanger, Failure};
use super::outcome::{Hop, Outcome, SetCookie};
use super::params::Params;
use super::redirect::location;
use super::trouble;

/// Sends the request, follows redirects, and makes an outcome of the last response.
pub(super) async fn run(params: Params, cx: &StepContext) -> Result<Outcome, StepError> {
    let start = Instant::now();
    let client = Client::of(cx);
    let exchanger = Exchanger { client: &client, params: &params, cx };
    let mut draft = Draft::new(&params, cx)?;
    let mut hops = Vec::new();
    let mut proofs = Proofs::default();
    loop {
        client.prove(&mut draft, cx)?;
        let exchange = match exchanger.run(&draft).await {
            Ok(exchange) => exchange,
            Err(Failure { error, head }) => {
                let Some(head) = head else { return Err(error) };
                let partial = outcome(&draft, &head, hops);
                return Err(with_detail(error, &partial));
            }
        };
        if let Some(session) = exchanger.session() {
            client.store_cookies(session, &draft.url, &exchange.head.headers);
        }
        if let Some(challenge) = proofs.wanted(&draft, &exchange.head)? {
            client.challenged(&draft.url, challenge);
            continue;
        }
        let follow = params.redirects.0 > 0;
        let status = exchange.head.status;
        match follow.then(|| location(status, &exchange.head.headers, &draft.url)).transpose()? {
            Some(Some(to)) => {
                hops.push(Hop { status: status.as_u16(), url: draft.url.to_string() });
                if hops.len() as u64 > u64::from(params.redirects.0) {
                    let partial = outcome(&draft, &exchange.head, hops);
                    return Err(with_detail(too_many(params.redirects.0, to.as_str()), &partial));
                }
                draft.redirect(status, to);
                proofs = Proofs::default();
            }
            _ => return finish(exchange, &draft, hops, &exchanger, start),
        }
    }
}

/// How often a URL was answered with Digest because it asked for it.
#[derive(Default)]
struct Proofs(u32);

impl Proofs {
    /// What is to be proved now. Not what was refused already, but once more when only the nonce
    /// was too old.
    fn wanted(
        &mut self,
        draft: &Draft,
        head: &response::Parts,
    ) -> Result<Option<Challenge>, StepError> {
        if draft.digest.is_none() || head.status != StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        let challenge = Challenge::of(&head.headers)?;
        let wanted = challenge.filter(|new| self.0 == 0 || (self.0 == 1 && new.stale));
        self.0 += 1;
        Ok(wanted)
    }
}

fn finish(
    exchange: Exchange,
    draft: &Draft,
    hops: Vec<Hop>,
    exchanger: &Exchanger<'_>,
    start: Instant,
) -> Result<Outcome, StepError> {
    let Exchange { head, body, timings, peer } = exchange;
    let mut outcome = outcome(draft, &head, hops);
    let body = match encodings(&head.headers) {
        Some(encodings) if exchanger.params.decompress && !body.is_empty() => {
            let limit = exchanger.max_body();
            match unpack(body, &encodings, limit) {
                Ok(body) => body,
                Err(error) => return Err(with_detail(not_unpacked(&error, limit), &outcome)),
            }
        }
        _ => body,
    };
    outcome.size = body.len() as u64;
    let content_type = head.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content = Content::read(body, content_type);
    outcome.text = content.text;
    outcome.json = content.json;
    outcome.json_error = content.json_error;
    outcome.base64 = content.base64;
    outcome.timings = timings;
    outcome.remote.clone_from(&peer.remote);
    outcome.tls.clone_from(&peer.tls);
    outcome.duration_ms = millis(start.elapsed());
    Ok(outcome)
}

/// What the head of a response says.
fn outcome(draft: &Draft, head: &response::Parts, redirects: Vec<Hop>) -> Outcome {
    let said = head.extensions.get::<hyper::ext::ReasonPhrase>();
    let reason = match said {
        Some(reason) => String::from_utf8_lossy(reason.as_bytes()).into_owned(),
        None => head.status.canonical_reason().unwrap_or_default().to_owned(),
    };
    Outcome {
        status: head.status.as_u16(),
        reason,
        version: match head.version {
            http::Version::HTTP_10 => "1.0",
            http::Version::HTTP_2 => "2",
            _ => "1.1",
        },
        url: draft.url.to_string(),
        headers: headers(&head.headers),
        cookies: cookies(&head.headers),
        redirects,
        ..Outcome::default()
    }
}

fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let mut map = Map::with_capacity(headers.keys_len());
    for name in headers.keys() {
        let mut text = String::new();
        for value in headers.get_all(name) {
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(&String::from_utf8_lossy(value.as_bytes()));
        }
        map.insert(name.as_str().to_owned(), Value::String(text));
    }
    map
}

fn cookies(headers: &HeaderMap) -> BTreeMap<String, SetCookie> {
    if !headers.contains_key(header::SET_COOKIE) {
        return BTreeMap::new();
    }
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method's type is of a crate that is no dependency of this one"
    )]
    let cookies = set_cookies(headers).map(|cookie| {
        let expires = cookie.expires_datetime();
        let expires = expires.and_then(|at| DateTime::from_timestamp(at.unix_timestamp(), 0));
        let set = SetCookie {
            value: cookie.value().to_owned(),
            path: cookie.path().map(str::to_owned),
            domain: cookie.domain().map(str::to_owned),
            expires: expires.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            max_age: cookie.max_age().map(|age| age.whole_seconds()),
            secure: cookie.secure().unwrap_or_default(),
            http_only: cookie.http_only().unwrap_or_default(),
            same_site: cookie.same_site().map(|site| site.to_string()),
        };
        (cookie.name().to_owned(), set)
    });
    cookies.collect()
}

fn encodings(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut all = values.next()?.to_str().ok()?.to_owned();
    for value in values {
        let _ = write!(all, ", {}", value.to_str().ok()?);
    }
    Some(all)
}

fn too_many(limit: u32, next: &str) -> StepError {
    StepError::new(
        StepErrorKind::Limit,
        format!("more than {limit} redirects; the next would be to `{next}`"),
    )
    .at("/redirects")
    .help("Is it a loop? `redirects: N` follows more, `redirects: false` none.")
}

fn not_unpacked(error: &DecodeError, limit: u64) -> StepError {
    match error {
        DecodeError::TooLarge => trouble::too_large(limit, " once it is unpacked"),
        DecodeError::Broken { .. } => StepError::new(StepErrorKind::Protocol, error.to_string())
            .help("`decompress: false` gives the body as it was sent."),
    }
}

fn with_detail(error: StepError, partial: &Outcome) -> StepError {
    match serde_json::to_value(partial) {
        Ok(detail) => error.detail(detail),
        Err(_) => error,
    }
}
