use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use aei_core::policy::Guard;
use aei_core::runner::{StepContext, StepError, StepErrorKind};
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::fs::File;
use tokio::io::{AsyncRead as _, ReadBuf};

use crate::guard::{Denied, Way, open, real_path};
use crate::host::reason;

/// What a request carries, ready to be sent as often as redirects and retries ask for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Payload {
    /// The content type, unless the request's headers say another.
    pub(super) content_type: Option<String>,
    parts: Vec<Part>,
    length: u64,
}

#[derive(Debug, Clone)]
pub(super) enum Part {
    Bytes(Bytes),
    File { path: PathBuf, length: u64, policy: Arc<dyn Guard> },
}

impl Payload {
    pub(super) fn new(content_type: String) -> Self {
        Self { content_type: Some(content_type), ..Self::default() }
    }

    /// A payload of bytes without a content type.
    pub(super) fn raw(bytes: Vec<u8>) -> Self {
        let mut payload = Self::default();
        payload.push_bytes(bytes);
        payload
    }

    pub(super) fn push(&mut self, part: Part) {
        self.length += match &part {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::File { length, .. } => *length,
        };
        self.parts.push(part);
    }

    pub(super) fn push_bytes(&mut self, bytes: Vec<u8>) {
        self.push(Part::Bytes(bytes.into()));
    }

    /// The body to send now.
    pub(super) fn outgoing(&self) -> Outgoing {
        Outgoing { parts: self.parts.iter().cloned().collect(), open: None, left: self.length }
    }

    #[cfg(test)]
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for part in &self.parts {
            if let Part::Bytes(bytes) = part {
                all.extend_from_slice(bytes);
            }
        }
        all
    }
}

/// A file as a part, with the length that it has now.
pub(super) fn file_part(cx: &StepContext, name: &str, at: &str) -> Result<Part, StepError> {
    let path = cx.work_dir.join(name);
    let fail = |reason: String| {
        StepError::new(StepErrorKind::Io, format!("cannot send `{}`: {reason}", path.display()))
            .at(at)
    };
    if !cx.policy.is_open() {
        let refused = |refusal| StepError::from(refusal).at(at);
        cx.policy.check_read(&real_path(&path)).map_err(refused)?;
    }
    let metadata = path.metadata().map_err(|error| fail(reason(&error)))?;
    if !metadata.is_file() {
        return Err(fail("it is no file".to_owned()));
    }
    let length = metadata.len();
    Ok(Part::File { path, length, policy: Arc::clone(&cx.policy) })
}

/// The body of one request on its way. Files are read as they are sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    parts: VecDeque<Part>,
    open: Option<(File, u64)>,
    left: u64,
}

const CHUNK: usize = 64 << 10;

impl Outgoing {
    /// No body.
    pub(super) const fn empty() -> Self {
        Self { parts: VecDeque::new(), open: None, left: 0 }
    }

    fn poll_file(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some((file, left)) = &mut self.open else { return Poll::Ready(None) };
        let room = usize::try_from(*left).unwrap_or(CHUNK).min(CHUNK);
        let mut chunk = vec![0; room];
        let mut buffer = ReadBuf::new(&mut chunk);
        ready!(Pin::new(file).poll_read(context, &mut buffer))?;
        let read = buffer.filled().len();
        if read == 0 {
            let error = io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was sent",
            );
            return Poll::Ready(Some(Err(error)));
        }
        chunk.truncate(read);
        *left -= read as u64;
        if *left == 0 {
            self.open = None;
        }
        self.left -= read as u64;
        Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        loop {
            if this.open.is_some() {
                return this.poll_file(context);
            }
            match this.parts.pop_front() {
                None => return Poll::Ready(None),
                Some(Part::File { length: 0, .. }) => {}
                Some(Part::File { path, length, policy }) => {
                    let file = open(&*policy, &path, Way::Read).map_err(|denied| match denied {
                        Denied::Io(error) => error,
                        // Asked before; so it has been changed since.
                        Denied::Refused(refusal) => io::Error::other(refusal),
                    })?;
                    this.open = Some((File::from_std(file), length));
                }
                Some(Part::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Part::Bytes(bytes)) => {
                    this.left -= bytes.len() as u64;
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
