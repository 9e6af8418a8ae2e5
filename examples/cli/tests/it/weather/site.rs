//! A server that behaves as badly as it is told to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Lives as long as the test's process.
pub(super) struct Site(SocketAddr);

impl Site {
    /// Reads the head of a request on each connection, then does what it is told.
    pub(super) fn start(behave: fn(TcpStream)) -> Self {
        Self::listen(move |mut tcp| {
            if head_is_read(&mut tcp) {
                behave(tcp);
            }
        })
    }

    fn listen(behave: impl Fn(TcpStream) + Send + Copy + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for tcp in listener.incoming().filter_map(Result::ok) {
                std::thread::spawn(move || behave(tcp));
            }
        });
        Self(address)
    }

    /// Leaves with the request unread, which resets the connection.
    pub(super) fn resetting() -> Self {
        Self::listen(|tcp| drop(tcp.peek(&mut [0])))
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.0)
    }
}

fn head_is_read(tcp: &mut TcpStream) -> bool {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match tcp.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    true
}

/// Keeps the connection open until the other side leaves.
pub(super) fn hang(mut tcp: TcpStream) {
    let _ = std::io::copy(&mut tcp, &mut std::io::sink());
}

pub(super) fn send(tcp: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    let _ = tcp.write_all(bytes.as_ref());
}

/// Sends a piece again and again until `bytes` have gone, or nobody takes them.
pub(super) fn flood(tcp: &mut TcpStream, piece: &[u8], bytes: u64) {
    let mut sent = 0;
    while sent < bytes && tcp.write_all(piece).is_ok() {
        sent += piece.len() as u64;
    }
}
