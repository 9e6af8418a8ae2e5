use std::time::Duration;

use aei_core::runner::{StepContext, StepError, StepErrorKind, StepRunner};
use aei_core::template::Period;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::exchange::{Act, Exchange};
use super::session::Sessions;
use super::{Outcome, Params};
use crate::guard::{NoAddress, addresses};
use crate::host::reason;
use crate::runners::hexadecimal::hexadecimal;
use crate::tls;

/// The `tcp` runner.
#[derive(Debug, Clone, Copy)]
pub struct Tcp;

const WITHIN: Duration = Duration::from_secs(5);
const MAX_RECEIVED: u64 = 1 << 20;

impl StepRunner for Tcp {
    const KIND: &'static str = "tcp";
    const EXAMPLE: &'static str = "\
uses: tcp
with:
  address: mail.example.com:25
  exchange:
    - { expect_regex: '^220 (\\S+)' }
    - { send: \"EHLO test\\r\\n\" }
    - { expect: \"250 \", within: 2s }
expect:
  - { that: \"matches[0].groups[0]\", equals: mail.example.com }
";
    const DEFAULT_CHECKS: &'static str =
        r#"[{"that": "connected", "equals": true}, {"that": "unmet", "equals": ""}]"#;

    type Params = Params;
    type Outcome = Outcome;

    async fn run(&self, params: Params, cx: &StepContext) -> Result<Outcome, StepError> {
        tokio::select! {
            done = speak(params, cx) => done,
            () = cx.cancel.cancelled() => {
                Err(StepError::new(StepErrorKind::Cancelled, "the connection was broken off"))
            }
        }
    }
}

async fn speak(params: Params, cx: &StepContext) -> Result<Outcome, StepError> {
    let within = params.within.map_or(WITHIN, |within| within.0);
    let turns = params.exchange.iter().enumerate();
    let acts: Vec<Act> = turns
        .map(|(place, turn)| Act::of(turn, place, within, &cx.work_dir, &*cx.host))
        .collect::<Result<_, _>>()?;
    let sessions = cx.case_state.get_or_init(Sessions::default);
    let started = Instant::now();
    let mut outcome = Outcome::default();

    let kept = params.session.as_deref().and_then(|name| Some((name, sessions.take(name)?)));
    let opened = match kept {
        Some((name, connection)) => match goes_on(&params, &connection) {
            Ok(()) => Ok(connection),
            Err(error) => {
                // The mistake is this step's alone.
                sessions.keep(name.to_owned(), connection);
                return Err(error);
            }
        },
        None => open(&params, within, cx, &mut outcome).await?,
    };
    match opened {
        Ok(mut connection) => {
            outcome.connected = true;
            outcome.peer.clone_from(&connection.peer);
            let max = params.max_received.map_or(MAX_RECEIVED, |size| size.0);
            let mut exchange = Exchange {
                received: connection.unread.clone(),
                connection: &mut connection,
                outcome: &mut outcome,
                max_received: usize::try_from(max).unwrap_or(usize::MAX),
                within,
                started,
            };
            for (place, act) in acts.iter().enumerate() {
                if !exchange.take(act, place).await? {
                    break;
                }
            }
            let received = exchange.received;
            outcome.received = String::from_utf8_lossy(&received).into_owned();
            outcome.received_hex = hexadecimal(&received);
            outcome.bytes_in = received.len() as u64;
            outcome.closed = connection.closed;
            if let Some(name) = params.session {
                sessions.keep(name, connection);
            }
        }
        Err(reason) => outcome.reason = Some(reason),
    }
    outcome.duration_ms = milliseconds(started);
    Ok(outcome)
}

/// Goes on with the connection of a session.
fn goes_on(params: &Params, connection: &Connection) -> Result<(), StepError> {
    match &params.address {
        Some(address) if *address != connection.address => {
            let message =
                format!("the session is connected to `{}`, not to `{address}`", connection.address);
            Err(StepError::new(StepErrorKind::InvalidParams, message)
                .at("/address")
                .help("Leave `address` out to go on with it, or use another name."))
        }
        _ => Ok(()),
    }
}

/// Connects; why it could not is a fact to check, not an error.
async fn open(
    params: &Params,
    within: Duration,
    cx: &StepContext,
    outcome: &mut Outcome,
) -> Result<Result<Connection, String>, StepError> {
    let wrong = |message: String| StepError::new(StepErrorKind::InvalidParams, message);
    let Some(address) = &params.address else {
        return Err(match &params.session {
            Some(name) => wrong(format!("there is no session `{name}` to go on with"))
                .at("/session")
                .help("The step that begins it needs an `address`."),
            None => wrong("`address` is needed".to_owned()),
        });
    };
    let parts = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let Some((host, port)) = parts.and_then(|(host, port)| Some((host, port.parse().ok()?))) else {
        return Err(wrong(format!("`{address}` is not `host:port`")).at("/address"));
    };
    let tls = match &params.tls {
        Some(options) => {
            let config = tls::client_config(options, &cx.work_dir, &*cx.host, &[])?;
            Some((TlsConnector::from(config), tls::server_name(options, host)?))
        }
        None => None,
    };

    let started = Instant::now();
    let end = started + within;
    let late = || format!("no connection within {}", Period(within));
    let stream = match timeout_at(end, connect(host, port, cx)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(NoAddress::Refused(refusal))) => {
            return Err(StepError::from(refusal).at("/address"));
        }
        Ok(Err(NoAddress::Unknown(error))) => return Ok(Err(reason(&error))),
        Err(_) => return Ok(Err(late())),
    };
    outcome.connect_ms = milliseconds(started);
    let peer = stream.peer_addr().ok().map(|peer| peer.to_string());
    let Some((connector, name)) = tls else {
        return Ok(Ok(Connection::new(Box::new(stream), address.clone(), peer)));
    };
    let started = Instant::now();
    let stream = match timeout_at(end, connector.connect(name, stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Ok(Err(tls::handshake_error(address, &error).to_string())),
        Err(_) => return Ok(Err(late())),
    };
    outcome.tls_ms = Some(milliseconds(started));
    Ok(Ok(Connection::new(Box::new(stream), address.clone(), peer)))
}

async fn connect(host: &str, port: u16, cx: &StepContext) -> Result<TcpStream, NoAddress> {
    let addresses = addresses(&*cx.policy, host, port).await?;
    let connected = async {
        let stream = TcpStream::connect(&*addresses).await?;
        // A test wants each turn on its way at once.
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    connected.await.map_err(NoAddress::Unknown)
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
