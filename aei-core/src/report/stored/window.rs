use std::io::{self, Read};

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;

/// A part of a stream: what was read and not yet consumed.
#[derive(Debug)]
pub(super) struct Window<R> {
    input: R,
    bytes: Vec<u8>,
    start: usize,
    ended: bool,
    consumed: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, bytes: Vec::new(), start: 0, ended: false, consumed: 0 }
    }

    /// What is at hand.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// How many bytes were consumed since the beginning.
    pub(super) const fn consumed(&self) -> u64 {
        self.consumed
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        self.consumed += count as u64;
    }

    /// Reads on. `false` at the end of the stream.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.bytes.drain(..self.start);
        self.start = 0;
        let before = self.bytes.len();
        self.input.by_ref().take(CHUNK as u64).read_to_end(&mut self.bytes)?;
        self.ended = self.bytes.len() == before;
        Ok(!self.ended)
    }

    /// The first byte that is no white space, without consuming it.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let bytes = self.bytes();
            let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let found = bytes.get(blank).copied();
            self.consume(blank);
            if found.is_some() || !self.more()? {
                return Ok(found);
            }
        }
    }
}
