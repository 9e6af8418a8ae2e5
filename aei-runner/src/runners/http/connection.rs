use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aei_core::runner::StepError;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use tokio::task::JoinSet;

use super::driver::Driver;
use super::outcome::TlsFacts;
use super::payload::Outgoing;
use super::target::Target;
use super::wire::{Marks, Wire};

/// An open connection, and what is known of it.
pub(super) struct Connection {
    link: Link,
    pub(super) target: Target,
    pub(super) marks: Arc<Marks>,
    pub(super) peer: Arc<Peer>,
    pub(super) reused: bool,
    /// When it was given back last.
    pub(super) idle_since: Instant,
}

/// Whom a connection is with.
#[derive(Debug, Default)]
pub(super) struct Peer {
    pub(super) remote: String,
    pub(super) tls: Option<TlsFacts>,
}

enum Link {
    Http1 {
        sender: http1::SendRequest<Outgoing>,
        driver: Driver<http1::Connection<Wire, Outgoing>>,
    },
    Http2(http2::SendRequest<Outgoing>),
}

/// The tasks that hyper needs for HTTP/2. They end when their connection does, and at the latest
/// with the case.
#[derive(Clone, Default)]
pub(super) struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    fn set(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops what still runs, and waits until it has.
    pub(super) async fn close(self) {
        let mut set = std::mem::take(&mut *self.set());
        set.shutdown().await;
    }
}

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Tasks {
    fn execute(&self, task: F) {
        let mut set = self.set();
        while set.try_join_next().is_some() {}
        set.spawn(task);
    }
}

impl Connection {
    /// Starts HTTP/1.1 on a fresh stream.
    pub(super) async fn http1(
        wire: (Wire, Arc<Marks>),
        target: &Target,
        peer: Peer,
    ) -> Result<Self, hyper::Error> {
        let (sender, connection) =
            http1::Builder::new().title_case_headers(true).handshake(wire.0).await?;
        let link = Link::Http1 { sender, driver: Driver::new(connection) };
        Ok(Self::new(link, wire.1, target, peer))
    }

    /// Starts HTTP/2 on a fresh stream.
    pub(super) async fn http2(
        wire: (Wire, Arc<Marks>),
        target: &Target,
        peer: Peer,
        tasks: &Tasks,
    ) -> Result<Self, hyper::Error> {
        let (sender, connection) = http2::Builder::new(tasks.clone()).handshake(wire.0).await?;
        hyper::rt::Executor::execute(tasks, async {
            // Whatever ends the connection also ends the request that waits for it.
            let _ = connection.await;
        });
        Ok(Self::new(Link::Http2(sender), wire.1, target, peer))
    }

    fn new(link: Link, marks: Arc<Marks>, target: &Target, peer: Peer) -> Self {
        Self {
            link,
            target: target.clone(),
            marks,
            peer: Arc::new(peer),
            reused: false,
            idle_since: Instant::now(),
        }
    }

    /// Whether HTTP/2 is spoken.
    pub(super) const fn is_http2(&self) -> bool {
        matches!(self.link, Link::Http2(_))
    }

    /// Waits until a request may be sent; an error means that the connection is closed.
    pub(super) async fn ready(&mut self) -> Result<(), hyper::Error> {
        match &mut self.link {
            Link::Http1 { sender, driver } => driver.run(sender.ready()).await,
            Link::Http2(sender) => sender.ready().await,
        }
    }

    /// Sends a request and waits for the head of its response.
    pub(super) async fn send(
        &mut self,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, hyper::Error> {
        match &mut self.link {
            Link::Http1 { sender, driver } => driver.run(sender.send_request(request)).await,
            Link::Http2(sender) => sender.send_request(request).await,
        }
    }

    /// Waits for the next piece of a response's body.
    pub(super) async fn frame(
        &mut self,
        body: &mut Incoming,
    ) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        match &mut self.link {
            Link::Http1 { driver, .. } => driver.run(body.frame()).await,
            Link::Http2(_) => body.frame().await,
        }
    }

    /// What went wrong since the last response, as far as it is known by now.
    pub(super) fn trouble(&mut self) -> Option<&hyper::Error> {
        match &mut self.link {
            Link::Http1 { driver, .. } => driver.ended().and_then(|result| result.as_ref().err()),
            Link::Http2(_) => None,
        }
    }

    /// Whether it can take no further request.
    pub(super) fn is_closed(&self) -> bool {
        match &self.link {
            Link::Http1 { sender, .. } => sender.is_closed(),
            Link::Http2(sender) => sender.is_closed(),
        }
    }
}

/// What opening a connection gives: it, and where the time went.
pub(super) type Opened = Result<(Connection, super::outcome::Timings), StepError>;
