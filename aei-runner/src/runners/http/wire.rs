use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// The bytes of a connection, noting when they moved.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    marks: Arc<Marks>,
    /// hyper hands out uninitialised room; without unsafe code its bytes have to pass through
    /// initialised room of our own.
    room: Box<[u8]>,
}

/// What a connection runs over.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    #[cfg(unix)]
    Unix(tokio::net::UnixStream),
    #[cfg(unix)]
    UnixTls(Box<TlsStream<tokio::net::UnixStream>>),
}

/// When bytes moved since [`Marks::reset`]: for timings, and to know whether a request may be
/// sent once more.
#[derive(Debug)]
pub(super) struct Marks {
    base: Instant,
    last_write: AtomicU64,
    first_read: AtomicU64,
}

impl Marks {
    fn new() -> Self {
        Self { base: Instant::now(), last_write: AtomicU64::new(0), first_read: AtomicU64::new(0) }
    }

    /// Forgets what was noted.
    pub(super) fn reset(&self) {
        self.last_write.store(0, Relaxed);
        self.first_read.store(0, Relaxed);
    }

    /// When bytes were written last, if any were.
    pub(super) fn last_write(&self) -> Option<Instant> {
        self.instant(&self.last_write)
    }

    /// When bytes arrived first, if any did.
    pub(super) fn first_read(&self) -> Option<Instant> {
        self.instant(&self.first_read)
    }

    fn instant(&self, mark: &AtomicU64) -> Option<Instant> {
        match mark.load(Relaxed) {
            0 => None,
            nanos => Some(self.base + Duration::from_nanos(nanos)),
        }
    }

    fn nanos(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

impl Wire {
    /// Watches a stream.
    pub(super) fn new(stream: Stream) -> (Self, Arc<Marks>) {
        let marks = Arc::new(Marks::new());
        (Self { stream, marks: Arc::clone(&marks), room: vec![0; READ].into() }, marks)
    }
}

macro_rules! each_stream {
    ($stream:expr, $inner:ident => $do:expr) => {
        match $stream {
            Stream::Tcp($inner) => $do,
            Stream::Tls($inner) => $do,
            #[cfg(unix)]
            Stream::Unix($inner) => $do,
            #[cfg(unix)]
            Stream::UnixTls($inner) => $do,
        }
    };
}

/// The most that one read takes.
const READ: usize = 16 << 10;

impl Read for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let size = cursor.remaining().min(READ);
        let mut buffer = ReadBuf::new(&mut this.room[..size]);
        ready!(each_stream!(&mut this.stream, s => Pin::new(s).poll_read(context, &mut buffer)))?;
        if !buffer.filled().is_empty() {
            if this.marks.first_read.load(Relaxed) == 0 {
                this.marks.first_read.store(this.marks.nanos(), Relaxed);
            }
            cursor.put_slice(buffer.filled());
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written =
            ready!(each_stream!(&mut self.stream, s => Pin::new(s).poll_write(context, bytes)))?;
        self.marks.last_write.store(self.marks.nanos(), Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each_stream!(&mut self.stream, s => Pin::new(s).poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each_stream!(&mut self.stream, s => Pin::new(s).poll_shutdown(context))
    }
}
