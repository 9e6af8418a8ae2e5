use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aei_core::runner::{StepContext, StepError};
use aei_core::template::Period;
use http::{Method, header, response};
use hyper::body::{Body as _, Incoming};

use super::client::Client;
use super::connect::millis;
use super::connection::{Connection, Peer};
use super::draft::Draft;
use super::outcome::Timings;
use super::params::{Cookies, Params};
use super::target::Target;
use super::trouble;

/// A request and its response.
pub(super) struct Exchange {
    pub(super) head: response::Parts,
    /// The body as it was transferred.
    pub(super) body: Vec<u8>,
    pub(super) timings: Timings,
    pub(super) peer: Arc<Peer>,
}

/// An exchange that failed; with the head of the response, if that was there.
pub(super) struct Failure {
    pub(super) error: StepError,
    pub(super) head: Option<Box<response::Parts>>,
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        Self { error, head: None }
    }
}

/// The largest body taken unless a step says otherwise.
const MAX_BODY: u64 = 10 << 20;

/// An idle connection this old may well be closed by now; looking costs a microsecond.
const STALE: Duration = Duration::from_millis(500);

/// What a step asks of each of its exchanges.
pub(super) struct Exchanger<'a> {
    pub(super) client: &'a Client,
    pub(super) params: &'a Params,
    pub(super) cx: &'a StepContext,
}

/// How sending went wrong.
enum Fault {
    /// On the connection.
    Wire(hyper::Error),
    /// Otherwise.
    Step(StepError),
}

impl Exchanger<'_> {
    /// The largest body taken.
    pub(super) fn max_body(&self) -> u64 {
        self.params.max_body.map_or(MAX_BODY, |size| size.0)
    }

    /// The name of the cookie jar, if cookies are kept.
    pub(super) fn session(&self) -> Option<&str> {
        match self.params.cookies {
            Cookies::Off => None,
            Cookies::Jar(_) => Some(self.params.session.as_deref().unwrap_or_default()),
        }
    }

    /// Sends a request and takes in its response.
    ///
    /// A connection that was left open may be closed by the server at any time. When it is found
    /// closed before anything of the response arrived, the request goes out once more on another
    /// one, provided that doing it twice does no harm or that nothing of it was sent.
    pub(super) async fn run(&self, draft: &Draft) -> Result<Exchange, Failure> {
        let target = self.client.target(&draft.url, self.params, self.cx)?;
        let jar = match self.session() {
            Some(session) => self.client.cookies_for(session, &draft.url),
            None => String::new(),
        };
        loop {
            let (mut connection, mut timings) = self.connection(&target, &draft.method).await?;
            connection.marks.reset();
            let start = Instant::now();
            let request = draft.request(&target, &jar, connection.is_http2())?;
            let head = self.within("a response", &target, connection.send(request)).await;
            match head {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    return match self.receive(&mut connection, &target, &head, body).await {
                        Ok(body) => {
                            note(&mut timings, start, &connection);
                            let peer = Arc::clone(&connection.peer);
                            self.finish(connection, &head)?;
                            Ok(Exchange { head, body, timings, peer })
                        }
                        Err(error) => Err(Failure { error, head: Some(Box::new(head)) }),
                    };
                }
                Err(Fault::Wire(error)) => {
                    if !may_repeat(&connection, &draft.method) {
                        return Err(trouble::before_response(&target.name(), &error).into());
                    }
                }
                Err(Fault::Step(error)) => return Err(error.into()),
            }
        }
    }

    async fn connection(
        &self,
        target: &Target,
        method: &Method,
    ) -> Result<(Connection, Timings), StepError> {
        while let Some(mut connection) = self.client.take(target) {
            if !method.is_idempotent() || connection.idle_since.elapsed() > STALE {
                // Lets the runtime look at its sockets, so that a close is seen before, not
                // after, a request is sent that must not be sent twice.
                tokio::task::yield_now().await;
            }
            if connection.ready().await.is_ok() {
                return Ok((connection, Timings { reused: true, ..Timings::default() }));
            }
        }
        let (mut connection, timings) = self.client.open(target, self.params, self.cx).await?;
        connection
            .ready()
            .await
            .map_err(|error| trouble::before_response(&target.name(), &error))?;
        Ok((connection, timings))
    }

    /// Waits for as long as the server may stay silent.
    async fn within<T>(
        &self,
        what: &str,
        target: &Target,
        future: impl Future<Output = Result<T, hyper::Error>>,
    ) -> Result<T, Fault> {
        match self.params.read_timeout {
            None => future.await.map_err(Fault::Wire),
            Some(Period(limit)) => match tokio::time::timeout(limit, future).await {
                Ok(result) => result.map_err(Fault::Wire),
                Err(_) => Err(Fault::Step(trouble::read_timeout(&target.name(), limit, what))),
            },
        }
    }

    async fn receive(
        &self,
        connection: &mut Connection,
        target: &Target,
        head: &response::Parts,
        mut incoming: Incoming,
    ) -> Result<Vec<u8>, StepError> {
        let limit = self.max_body();
        let announced = incoming.size_hint().exact();
        if let Some(bytes) = announced.filter(|bytes| *bytes > limit) {
            return Err(trouble::too_large(limit, &format!(": {bytes} bytes are announced")));
        }
        let room = usize::try_from(announced.unwrap_or_default()).unwrap_or_default();
        let mut body = Vec::with_capacity(room.min(1 << 20));
        while !incoming.is_end_stream() {
            let next = async { connection.frame(&mut incoming).await.transpose() };
            let frame = match self.within("the rest of the body", target, next).await {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(Fault::Step(error)) => return Err(error),
                Err(Fault::Wire(error)) => {
                    let chunked = head.headers.contains_key(header::TRANSFER_ENCODING);
                    let announced = announced_length(head).filter(|_| !chunked);
                    let received = body.len() as u64;
                    return Err(trouble::within_body(&target.name(), received, announced, &error));
                }
            };
            if let Some(data) = frame.data_ref() {
                if (body.len() + data.len()) as u64 > limit {
                    return Err(trouble::too_large(limit, ""));
                }
                body.extend_from_slice(data);
            }
        }
        Ok(body)
    }

    /// Keeps the connection, unless the server wants it closed or broke the rules.
    fn finish(&self, mut connection: Connection, head: &response::Parts) -> Result<(), StepError> {
        if head.status == http::StatusCode::SWITCHING_PROTOCOLS {
            return Ok(());
        }
        if let Some(error) = connection.trouble()
            && error.to_string().contains("unexpected message")
        {
            return Err(trouble::surplus(&connection.target.name()));
        }
        self.client.give_back(connection);
        Ok(())
    }
}

fn announced_length(head: &response::Parts) -> Option<u64> {
    head.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

fn may_repeat(connection: &Connection, method: &Method) -> bool {
    let marks = &connection.marks;
    let untouched = marks.last_write().is_none();
    connection.reused && marks.first_read().is_none() && (untouched || method.is_idempotent())
}

fn note(timings: &mut Timings, start: Instant, connection: &Connection) {
    let end = Instant::now();
    let first_read = connection.marks.first_read().unwrap_or(end);
    // A server may answer before the request is written to its end.
    let sent = connection.marks.last_write().unwrap_or(start).min(first_read);
    timings.send_ms = millis(sent.saturating_duration_since(start));
    timings.wait_ms = millis(first_read.saturating_duration_since(sent));
    timings.receive_ms = millis(end.saturating_duration_since(first_read));
}
