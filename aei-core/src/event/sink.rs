use super::Event;

/// Something that consumes the events of a run.
///
/// Called in the order of `seq`, one event at a time, from the thread that delivers; while it
/// blocks, nobody else learns of what happens.
pub trait Sink: Send {
    /// Takes one event.
    fn accept(&mut self, event: &Event) -> Result<(), SinkError>;

    /// Hands on what it has kept back, as at the end of a run or when nothing happens for a while.
    fn flush(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

/// A sink that cannot go on: a full disk, a closed pipe.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{sink}: {reason}")]
pub struct SinkError {
    /// Which sink, as people know it: a path, `terminal`.
    pub sink: String,
    /// Why.
    pub reason: String,
}

impl<F: FnMut(&Event) + Send> Sink for F {
    fn accept(&mut self, event: &Event) -> Result<(), SinkError> {
        self(event);
        Ok(())
    }
}
