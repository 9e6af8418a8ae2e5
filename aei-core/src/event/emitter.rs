use std::sync::{Arc, Mutex, PoisonError};

use super::{Event, EventBody, RunId, Seq, Sink, SinkError};
use crate::host::Host;
use crate::redact::Redactor;

/// The one place where events are made: stamped, redacted, numbered, handed to the sinks.
///
/// Sinks are called in their order; one that fails is dropped and its error kept, so that a full
/// disk or a broken pipe never costs another consumer its results.
pub struct Emitter {
    run_id: RunId,
    host: Arc<dyn Host>,
    redactor: Arc<Redactor>,
    state: Mutex<State>,
}

struct State {
    next: u64,
    sinks: Vec<Box<dyn Sink>>,
    errors: Vec<SinkError>,
}

impl Emitter {
    /// An emitter for a run.
    pub fn new(
        run_id: RunId,
        host: Arc<dyn Host>,
        redactor: Arc<Redactor>,
        sinks: Vec<Box<dyn Sink>>,
    ) -> Self {
        let state = Mutex::new(State { next: 0, sinks, errors: Vec::new() });
        Self { run_id, host, redactor, state }
    }

    /// Sends an event on its way.
    pub fn emit(&self, mut event: EventBody) {
        event.redact(&self.redactor);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = Seq(state.next);
        state.next += 1;
        let event = Event { run_id: self.run_id, seq, at: self.host.now(), event };
        state.each(|sink| sink.accept(&event));
    }

    /// Has all sinks hand on what they have kept back.
    pub fn flush(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).each(|sink| sink.flush());
    }

    /// The errors of sinks that were dropped.
    pub fn errors(&self) -> Vec<SinkError> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).errors.clone()
    }

    /// The run that the events belong to.
    pub const fn run_id(&self) -> RunId {
        self.run_id
    }
}

impl State {
    fn each(&mut self, mut act: impl FnMut(&mut dyn Sink) -> Result<(), SinkError>) {
        let errors = &mut self.errors;
        self.sinks.retain_mut(|sink| match act(sink.as_mut()) {
            Ok(()) => true,
            Err(error) => {
                errors.push(error);
                false
            }
        });
    }
}

impl std::fmt::Debug for Emitter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emitter").field("run_id", &self.run_id).finish_non_exhaustive()
    }
}
