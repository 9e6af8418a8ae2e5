use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A two-way stream of bytes: TCP, or TLS on top of it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open connection, and what was read from it but not yet asked for.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    /// The address as the template gave it.
    pub(super) address: String,
    /// The address as numbers.
    pub(super) peer: Option<String>,
    pub(super) unread: Vec<u8>,
    pub(super) closed: bool,
}

const READ: usize = 16 << 10;

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>, address: String, peer: Option<String>) -> Self {
        Self { stream, address, peer, unread: Vec::new(), closed: false }
    }

    /// Sends, and takes in what comes meanwhile, up to `room` bytes: one who answers while it is
    /// spoken to would listen no further otherwise.
    pub(super) async fn send(&mut self, content: &[u8], room: usize) -> io::Result<()> {
        let (mut read, mut write) = tokio::io::split(&mut self.stream);
        let unread = &mut self.unread;
        let most = unread.len().saturating_add(room);
        let mut listens = !self.closed;
        let sending = async {
            write.write_all(content).await?;
            write.flush().await
        };
        let mut sending = std::pin::pin!(sending);
        loop {
            unread.reserve(READ);
            tokio::select! {
                biased;
                sent = &mut sending => return sent,
                received = read.read_buf(unread), if listens && unread.len() <= most => match received {
                    Ok(1..) => {}
                    // Whether that matters is for sending, or for who expects something, to say.
                    Ok(0) | Err(_) => listens = false,
                },
            }
        }
    }

    pub(super) async fn send_end(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// Waits for more; how many bytes came, none when the other side has closed.
    pub(super) async fn receive(&mut self) -> io::Result<usize> {
        if self.closed {
            return Ok(0);
        }
        self.unread.reserve(READ);
        let length = match self.stream.read_buf(&mut self.unread).await {
            Ok(length) => length,
            // Many servers end TLS by closing the connection without a word.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error),
        };
        self.closed = length == 0;
        Ok(length)
    }
}
