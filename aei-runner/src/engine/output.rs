use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aei_core::event::{Artifact, CaseIndex, Emitter, EventBody, StepIndex, StepOutput};
use aei_core::redact::{Redactor, StreamRedactor};
use aei_core::runner::{ArtifactError, ArtifactSink, OutputSink, OutputStream};
use sha2::{Digest, Sha256};

/// The most output of one step that goes into events, in bytes.
const MAX_OUTPUT: usize = 1 << 20;

/// Makes events of what a step prints.
pub(crate) struct LiveOutput {
    emitter: Arc<Emitter>,
    redactor: Arc<Redactor>,
    case: CaseIndex,
    step: StepIndex,
    streams: Mutex<Streams>,
}

#[derive(Default)]
struct Streams {
    /// Whether the step has ended: what a leftover of it still says belongs to nobody.
    over: bool,
    sent: usize,
    open: Vec<(OutputStream, Tail)>,
}

/// What is kept back of a stream until more comes: the start of a character, of a secret.
struct Tail {
    bytes: Vec<u8>,
    redactor: StreamRedactor,
}

impl LiveOutput {
    pub(crate) fn new(
        emitter: &Arc<Emitter>,
        redactor: &Arc<Redactor>,
        case: CaseIndex,
        step: StepIndex,
    ) -> Self {
        let (emitter, redactor) = (Arc::clone(emitter), Arc::clone(redactor));
        Self { emitter, redactor, case, step, streams: Mutex::default() }
    }

    /// Sends what was kept back, and nothing more from now on. Called when the step is over.
    pub(crate) fn finish(&self) {
        let mut streams = self.streams();
        streams.over = true;
        for (stream, mut tail) in std::mem::take(&mut streams.open) {
            let rest = String::from_utf8_lossy(&tail.bytes).into_owned();
            let mut text = tail.redactor.push(&rest);
            text.push_str(&tail.redactor.finish());
            self.send(&mut streams, stream, text);
        }
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, streams: &mut Streams, stream: OutputStream, mut text: String) {
        if text.is_empty() || streams.sent > MAX_OUTPUT {
            return;
        }
        streams.sent += text.len();
        if streams.sent > MAX_OUTPUT {
            let over = streams.sent - MAX_OUTPUT;
            text.truncate(text.floor_char_boundary(text.len() - over));
            text.push_str("\n… (further output of this step is not kept)\n");
        }
        let (case, step) = (self.case, self.step);
        let output = StepOutput { case, step, stream, text };
        self.emitter.emit(EventBody::StepOutput(Box::new(output)));
    }
}

impl OutputSink for LiveOutput {
    fn write(&self, stream: OutputStream, chunk: &[u8]) {
        let mut streams = self.streams();
        if streams.over || streams.sent > MAX_OUTPUT {
            return;
        }
        let place = streams.open.iter().position(|(open, _)| *open == stream);
        let place = place.unwrap_or_else(|| {
            let redactor = StreamRedactor::new(Arc::clone(&self.redactor));
            streams.open.push((stream, Tail { bytes: Vec::new(), redactor }));
            streams.open.len() - 1
        });
        let tail = &mut streams.open[place].1;
        tail.bytes.extend_from_slice(chunk);
        let text = take_text(&mut tail.bytes);
        let text = tail.redactor.push(&text);
        self.send(&mut streams, stream, text);
    }
}

/// Takes all but a character that is not yet complete; bytes that are no UTF-8 are replaced.
fn take_text(bytes: &mut Vec<u8>) -> String {
    let incomplete = match std::str::from_utf8(bytes) {
        Ok(_) => 0,
        Err(_) => bytes
            .utf8_chunks()
            .last()
            .map(|last| last.invalid())
            .filter(|invalid| is_prefix(invalid))
            .map_or(0, <[u8]>::len),
    };
    let rest = bytes.split_off(bytes.len() - incomplete);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}

/// Whether more bytes could still make a character of these (RFC 3629 lengths).
fn is_prefix(bytes: &[u8]) -> bool {
    let wanted = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 0,
    };
    bytes.len() < wanted
}

/// Keeps artifacts in the folder of the run and tells of them.
pub(crate) struct KeptArtifacts {
    pub(crate) live: Arc<LiveOutput>,
    pub(crate) folder: Option<PathBuf>,
}

impl ArtifactSink for KeptArtifacts {
    fn put(&self, name: &str, media_type: &str, content: &[u8]) -> Result<(), ArtifactError> {
        let wrong = |reason: String| ArtifactError { name: name.to_owned(), reason };
        let Some(folder) = &self.folder else {
            return Err(wrong("this run keeps no files".to_owned()));
        };
        if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\', '\0']) {
            return Err(wrong("an artifact's name is a plain file name".to_owned()));
        }
        let is_text = media_type.starts_with("text/") || media_type.contains("json");
        let cleaned = is_text
            .then(|| self.live.redactor.cleaned(std::str::from_utf8(content).ok()?))
            .flatten();
        let content = cleaned.as_deref().map_or(content, str::as_bytes);
        let own = format!("artifacts/{}-{}", self.live.case, self.live.step);
        std::fs::create_dir_all(folder.join(&own)).map_err(|error| wrong(error.to_string()))?;
        let mut path = format!("{own}/{name}");
        let mut number = 2;
        while folder.join(&path).exists() {
            path = format!("{own}/{number}-{name}");
            number += 1;
        }
        std::fs::write(folder.join(&path), content).map_err(|error| wrong(error.to_string()))?;
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(content) {
            let _ = write!(sha256, "{byte:02x}");
        }
        // Held, so that the step does not end in between.
        let streams = self.live.streams();
        if streams.over {
            return Err(wrong("the step has ended".to_owned()));
        }
        self.live.emitter.emit(EventBody::Artifact(Box::new(Artifact {
            case: self.live.case,
            step: self.live.step,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            path,
            size: content.len() as u64,
            sha256,
        })));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_cut_in_two_are_put_together_again() {
        let mut bytes = "né".as_bytes()[..2].to_vec();
        assert_eq!(take_text(&mut bytes), "n");
        bytes.push("é".as_bytes()[1]);
        assert_eq!(take_text(&mut bytes), "é");
        bytes.extend([b'a', 0xff, b'b', 0xf0, 0x9f]);
        assert_eq!(take_text(&mut bytes), "a\u{fffd}b");
        assert_eq!(bytes, [0xf0, 0x9f]);
    }
}
