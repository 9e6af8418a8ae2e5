//! A small web server in the test's hands: it answers with exactly the bytes it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Counts connections from 0.
    pub(crate) connection: usize,
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "`{name}` was sent twice");
        value
    }

    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What to do with a request.
pub(crate) enum Answer {
    /// Send these bytes and wait for the next request.
    Keep(Vec<u8>),
    /// Send these bytes and close.
    Close(Vec<u8>),
    /// Send these bytes and reset the connection.
    Reset(Vec<u8>),
    /// Send these bytes and then nothing more.
    Hang(Vec<u8>),
    /// Send these bytes again and again.
    Endless(Vec<u8>, Vec<u8>),
}

/// A response with a `Content-Length`, on a connection that stays open.
pub(crate) fn ok(headers: &str, body: impl AsRef<[u8]>) -> Answer {
    reply("200 OK", headers, body)
}

/// The same with any status line; `headers` are whole lines, each ended by CRLF.
pub(crate) fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    Answer::Keep([head.as_bytes(), body].concat())
}

/// The server; it ends with the test's runtime.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Site {
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        tokio::spawn(async move {
            for connection in 0.. {
                let (tcp, _) = listener.accept().await.unwrap();
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                tokio::spawn(async move {
                    let mut tcp = tcp;
                    while let Some(request) = read(&mut tcp, connection).await {
                        log.lock().unwrap().push(request.clone());
                        if !act(&mut tcp, answer(&request)).await {
                            break;
                        }
                    }
                });
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request so far.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.into_iter().next().unwrap()
    }
}

async fn act(tcp: &mut TcpStream, answer: Answer) -> bool {
    match answer {
        Answer::Keep(bytes) => return tcp.write_all(&bytes).await.is_ok(),
        Answer::Close(bytes) => {
            let _ = tcp.write_all(&bytes).await;
            let _ = tcp.shutdown().await;
        }
        Answer::Reset(bytes) => {
            let _ = tcp.write_all(&bytes).await;
            tcp.set_zero_linger().unwrap();
        }
        Answer::Hang(bytes) => {
            let _ = tcp.write_all(&bytes).await;
            std::future::pending::<()>().await;
        }
        Answer::Endless(head, piece) => {
            let _ = tcp.write_all(&head).await;
            while tcp.write_all(&piece).await.is_ok() {}
        }
    }
    false
}

async fn read(tcp: &mut TcpStream, connection: usize) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let mut seen = Seen { connection, line: lines.next().unwrap().to_owned(), ..Seen::default() };
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap();
        seen.headers.push((name.to_owned(), value.to_owned()));
    }
    let length = seen.header("content-length").map_or(0, |text| text.parse().unwrap());
    seen.body = vec![0; length];
    tcp.read_exact(&mut seen.body).await.ok()?;
    Some(seen)
}
