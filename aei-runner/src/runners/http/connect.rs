use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aei_core::policy::Refusal;
use aei_core::runner::{StepContext, StepError, StepErrorKind};
use rustls::ClientConfig;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::connection::{Connection, Opened, Peer, Tasks};
use super::outcome::{Timings, TlsFacts};
use super::params::Version;
use super::proxy::Proxy;
use super::target::{Route, Target};
use super::trouble;
use super::wire::{Stream, Wire};
#[cfg(unix)]
use crate::guard::real_path;
use crate::guard::{NoAddress, addresses};
use crate::host::reason;
use crate::runners::hexadecimal::hexadecimal;
use crate::tls;

/// What it takes to open a connection.
pub(super) struct Connect<'a> {
    pub(super) target: &'a Target,
    pub(super) config: Option<Arc<ClientConfig>>,
    pub(super) timeout: Duration,
    pub(super) cx: &'a StepContext,
    pub(super) tasks: &'a Tasks,
}

impl Connect<'_> {
    /// Opens a connection within the time there is.
    pub(super) async fn open(self) -> Opened {
        let (name, limit) = (self.target.name(), self.timeout);
        match tokio::time::timeout(limit, self.run()).await {
            Ok(opened) => opened,
            Err(_) => Err(trouble::connect_timeout(&name, limit)),
        }
    }

    async fn run(self) -> Opened {
        let mut timings = Timings::default();
        let mut peer = Peer::default();
        let stream = match &self.target.route {
            Route::Socket(path) => self.socket(path, &mut timings, &mut peer).await?,
            Route::Direct | Route::Proxy(_) => self.internet(&mut timings, &mut peer).await?,
        };
        let http2 = match (&peer.tls, self.target.version) {
            (Some(facts), wanted) => {
                let agreed = facts.alpn.as_deref() == Some("h2");
                if wanted == Some(Version::Http2) && !agreed {
                    return Err(trouble::no_http2(&self.target.name()));
                }
                agreed
            }
            (None, wanted) => wanted == Some(Version::Http2),
        };
        let wire = Wire::new(stream);
        let connection = if http2 {
            Connection::http2(wire, self.target, peer, self.tasks).await
        } else {
            Connection::http1(wire, self.target, peer).await
        };
        let connection =
            connection.map_err(|error| trouble::before_response(&self.target.name(), &error))?;
        Ok((connection, timings))
    }

    async fn internet(&self, timings: &mut Timings, peer: &mut Peer) -> Result<Stream, StepError> {
        let (host, port) = match &self.target.route {
            Route::Proxy(proxy) => (proxy.host.as_str(), proxy.port),
            _ => (self.target.host.as_str(), self.target.port),
        };
        let start = Instant::now();
        if matches!(self.target.route, Route::Proxy(_)) {
            // The proxy looks the name up, so its address is not known here.
            let Target { host, port, .. } = self.target;
            self.cx.policy.check_host(host, *port, None).map_err(refused)?;
        }
        let addresses = self.lookup(host, port).await?;
        let found = Instant::now();
        timings.dns_ms = millis(found - start);
        let mut tcp = first_to_answer(&addresses)
            .await
            .map_err(|error| trouble::refused(&format!("{host}:{port}"), &error))?;
        // A request is one write; waiting for more only adds latency.
        let _ = tcp.set_nodelay(true);
        if let (Route::Proxy(proxy), Some(_)) = (&self.target.route, &self.config) {
            tunnel(&mut tcp, proxy, self.target).await?;
        }
        peer.remote = tcp.peer_addr().map(|address| address.to_string()).unwrap_or_default();
        timings.connect_ms = millis(found.elapsed());
        Ok(match self.handshake(tcp, timings, peer).await? {
            Shaken::Plain(tcp) => Stream::Tcp(tcp),
            Shaken::Tls(tls) => Stream::Tls(tls),
        })
    }

    async fn lookup(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, StepError> {
        match addresses(&*self.cx.policy, host, port).await {
            Ok(addresses) if !addresses.is_empty() => Ok(addresses),
            Ok(_) => Err(trouble::unknown_host(host, "it has no address")),
            Err(NoAddress::Unknown(error)) => Err(trouble::unknown_host(host, &reason(&error))),
            Err(NoAddress::Refused(refusal)) => Err(refused(refusal)),
        }
    }

    #[cfg(unix)]
    async fn socket(
        &self,
        path: &str,
        timings: &mut Timings,
        peer: &mut Peer,
    ) -> Result<Stream, StepError> {
        let start = Instant::now();
        let mut place = self.cx.work_dir.join(path);
        if !self.cx.policy.is_open() {
            place = real_path(&place);
            let refused = |refusal| StepError::from(refusal).at("/unix_socket");
            self.cx.policy.check_write(&place).map_err(refused)?;
        }
        let socket = tokio::net::UnixStream::connect(place)
            .await
            .map_err(|error| trouble::refused(path, &error).at("/unix_socket"))?;
        timings.connect_ms = millis(start.elapsed());
        path.clone_into(&mut peer.remote);
        Ok(match self.handshake(socket, timings, peer).await? {
            Shaken::Plain(socket) => Stream::Unix(socket),
            Shaken::Tls(tls) => Stream::UnixTls(tls),
        })
    }

    #[cfg(not(unix))]
    async fn socket(
        &self,
        path: &str,
        _timings: &mut Timings,
        _peer: &mut Peer,
    ) -> Result<Stream, StepError> {
        let message = format!("`{path}`: this system has no Unix domain sockets");
        Err(StepError::new(StepErrorKind::InvalidParams, message).at("/unix_socket"))
    }

    async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        timings: &mut Timings,
        peer: &mut Peer,
    ) -> Result<Shaken<S>, StepError> {
        let (Some(config), Some(options)) = (&self.config, &self.target.tls) else {
            return Ok(Shaken::Plain(stream));
        };
        let start = Instant::now();
        let name = tls::server_name(options, &self.target.host)?;
        let tls = TlsConnector::from(Arc::clone(config))
            .connect(name, stream)
            .await
            .map_err(|error| tls::handshake_error(&self.target.name(), &error))?;
        timings.tls_ms = millis(start.elapsed());
        peer.tls = Some(facts(tls.get_ref().1));
        Ok(Shaken::Tls(Box::new(tls)))
    }
}

fn refused(refusal: Refusal) -> StepError {
    StepError::from(refusal).at("/url")
}

enum Shaken<S> {
    Plain(S),
    Tls(Box<TlsStream<S>>),
}

fn facts(session: &rustls::ClientConnection) -> TlsFacts {
    let text = |name: Option<String>| name.unwrap_or_else(|| "unknown".to_owned());
    TlsFacts {
        version: text(session.protocol_version().map(|version| match version {
            rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
            rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
            other => format!("{other:?}"),
        })),
        cipher: text(session.negotiated_cipher_suite().map(|s| format!("{:?}", s.suite()))),
        alpn: session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        certificate_sha256: session
            .peer_certificates()
            .and_then(<[_]>::first)
            .map(|certificate| hexadecimal(&Sha256::digest(certificate))),
    }
}

/// Milliseconds, to the microsecond.
pub(super) fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// How long an address may keep the next one waiting (RFC 8305).
const HEAD_START: Duration = Duration::from_millis(250);

/// Tries the addresses in turn, each with a head start before the next. The last error counts.
async fn first_to_answer(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    use futures_util::stream::{FuturesUnordered, StreamExt as _};

    if let [only] = addresses {
        return TcpStream::connect(only).await;
    }
    let mut waiting = addresses.iter();
    let mut tries = FuturesUnordered::new();
    let mut last = io::Error::other("there is no address to try");
    loop {
        let next = waiting.next();
        if let Some(address) = next {
            tries.push(TcpStream::connect(*address));
        }
        if tries.is_empty() {
            return Err(last);
        }
        let patience = if next.is_some() { HEAD_START } else { Duration::MAX };
        if let Ok(Some(answer)) = tokio::time::timeout(patience, tries.next()).await {
            match answer {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
    }
}

/// The longest answer to `CONNECT` that is read.
const TUNNEL_HEAD: usize = 16 << 10;

/// Has the proxy pass bytes on to the server.
async fn tunnel(tcp: &mut TcpStream, proxy: &Proxy, target: &Target) -> Result<(), StepError> {
    let name = format!("{}:{}", target.host, target.port);
    let mut request = format!("CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n");
    if let Some(authorization) = &proxy.authorization {
        request.push_str("Proxy-Authorization: ");
        request.push_str(authorization);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    let proxy_name = format!("{}:{}", proxy.host, proxy.port);
    let broke = |error: &io::Error| {
        StepError::new(
            StepErrorKind::Connection,
            format!("the proxy `{proxy_name}` hung up when asked for `{name}`: {}", reason(error)),
        )
        .at("/proxy")
    };
    tcp.write_all(request.as_bytes()).await.map_err(|error| broke(&error))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        // By the byte: what follows the head belongs to the server.
        let byte = tcp.read_u8().await.map_err(|error| broke(&error))?;
        head.push(byte);
        if head.len() > TUNNEL_HEAD {
            return Err(broke(&io::Error::other("its answer has no end")));
        }
    }
    let line = String::from_utf8_lossy(&head);
    let line = line.lines().next().unwrap_or_default().to_owned();
    let status = line.split(' ').nth(1).unwrap_or_default();
    if status.len() == 3 && status.starts_with('2') {
        return Ok(());
    }
    Err(StepError::new(
        StepErrorKind::Connection,
        format!("the proxy `{proxy_name}` does not connect to `{name}`: it answered `{line}`"),
    )
    .at("/proxy"))
}
