use std::sync::Arc;

use aei_core::event::{Event, EventBody, Sink, SinkError};

use super::Spool;

/// Puts the events of a run into a spool, and tells when the disk takes no more.
pub(crate) struct SpoolSink {
    pub(crate) spool: Arc<Spool>,
    /// Told of artifacts as they come, as far as there is room.
    pub(crate) files: tokio::sync::mpsc::Sender<String>,
    /// Called once, when events cannot be kept.
    pub(crate) stop: Option<Box<dyn FnOnce() + Send>>,
}

impl SpoolSink {
    fn watch(&mut self) {
        if self.spool.trouble().is_some()
            && let Some(stop) = self.stop.take()
        {
            stop();
        }
    }
}

impl Sink for SpoolSink {
    fn accept(&mut self, event: &Event) -> Result<(), SinkError> {
        let kept = self.spool.append(event);
        if let EventBody::Artifact(artifact) = &event.event {
            // One too many is found when the run has ended.
            let _ = self.files.try_send(artifact.path.clone());
        }
        self.watch();
        kept.map_err(|reason| SinkError { sink: "the node's spool".to_owned(), reason })
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.spool.flush();
        self.watch();
        Ok(())
    }
}
