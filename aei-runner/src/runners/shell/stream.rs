use std::time::Duration;

use aei_core::runner::{OutputSink, OutputStream};
use aei_core::template::ByteSize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::capture::{Capture, whole_characters};

const SMALL_READ: usize = 4 << 10;
const LARGE_READ: usize = 64 << 10;

/// A line without an end is shown after this pause: it may be a prompt.
const PROMPT: Duration = Duration::from_millis(200);

/// Reads a pipe to its end, into the capture and, up to its limit, to the live output.
pub(super) async fn pump(
    pipe: Option<impl AsyncRead + Unpin>,
    capture: &mut Capture,
    output: &dyn OutputSink,
    stream: OutputStream,
) {
    let Some(mut pipe) = pipe else { return };
    let mut buffer = vec![0; SMALL_READ];
    let mut lines = Lines { pending: Vec::new(), output, stream };
    let mut live = true;
    loop {
        let read = pipe.read(&mut buffer);
        let read = if lines.pending.is_empty() {
            read.await
        } else if let Ok(read) = timeout(PROMPT, read).await {
            read
        } else {
            lines.flush(false);
            continue;
        };
        // A pipe that cannot be read has nothing more to say.
        let Ok(length @ 1..) = read else { break };
        let chunk = &buffer[..length];
        let room = capture.room();
        if live {
            lines.push(&chunk[..length.min(room)]);
            if length > room {
                live = false;
                lines.flush(true);
                let limit = ByteSize(capture.limit() as u64);
                output.write(stream, format!("\n[… more than {limit} …]\n").as_bytes());
            }
        }
        capture.push(chunk);
        if length == buffer.len() && length < LARGE_READ {
            buffer.resize(LARGE_READ, 0);
        }
    }
    lines.flush(true);
}

/// Writes standard input and closes it. A program that does not read it is free not to.
pub(super) async fn feed(pipe: Option<impl AsyncWrite + Unpin>, content: &[u8]) {
    if let Some(mut pipe) = pipe {
        // The error could only say that nobody reads.
        let _ = pipe.write_all(content).await;
        let _ = pipe.shutdown().await;
    }
}

/// Passes output on in whole lines, so that neither a character nor a secret is split between two
/// pieces.
struct Lines<'a> {
    pending: Vec<u8>,
    output: &'a dyn OutputSink,
    stream: OutputStream,
}

impl Lines<'_> {
    fn push(&mut self, chunk: &[u8]) {
        let whole = memchr::memrchr(b'\n', chunk).map_or(0, |newline| newline + 1);
        let (lines, rest) = chunk.split_at(whole);
        if self.pending.is_empty() && !lines.is_empty() {
            self.output.write(self.stream, lines);
        } else if !lines.is_empty() {
            self.pending.extend_from_slice(lines);
            self.flush(true);
        }
        self.pending.extend_from_slice(rest);
        if self.pending.len() >= LARGE_READ {
            self.flush(false);
        }
    }

    /// Passes on what waits for its line end; without the beginning of a character, unless `all`.
    fn flush(&mut self, all: bool) {
        let length = if all { self.pending.len() } else { whole_characters(&self.pending) };
        if length > 0 {
            self.output.write(self.stream, &self.pending[..length]);
            self.pending.drain(..length);
        }
    }
}
