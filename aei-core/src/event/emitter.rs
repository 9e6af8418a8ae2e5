use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Event, EventBody, RunId, Seq, Sink, SinkError};
use crate::host::Host;
use crate::redact::Redactor;

/// The one place where events are made: redacted, stamped, numbered, handed to the sinks.
///
/// [`emit`](Self::emit) only puts an event in a queue, so that the threads that do the work hold
/// no lock while a sink writes. Whoever runs the engine calls [`deliver`](Self::deliver) every few
/// milliseconds; a queue that grows too long is delivered by the thread that fills it.
///
/// Sinks are called in their order; one that fails or panics is dropped and its error kept, so that a full
/// disk or a broken pipe never costs another consumer its results.
pub struct Emitter {
    run_id: RunId,
    host: Arc<dyn Host>,
    redactor: Arc<Redactor>,
    queue: Mutex<Queue>,
    sinks: Mutex<Sinks>,
}

#[derive(Default)]
struct Queue {
    next: u64,
    events: Vec<Event>,
}

struct Sinks {
    live: Vec<Box<dyn Sink>>,
    errors: Vec<SinkError>,
    /// Kept for its memory: what was queued last time.
    batch: Vec<Event>,
}

/// The most events that wait; memory does not grow with a slow sink.
const MAX_QUEUE: usize = 1024;

impl Emitter {
    /// An emitter for a run.
    pub fn new(
        run_id: RunId,
        host: Arc<dyn Host>,
        redactor: Arc<Redactor>,
        sinks: Vec<Box<dyn Sink>>,
    ) -> Self {
        let sinks = Sinks { live: sinks, errors: Vec::new(), batch: Vec::new() };
        Self { run_id, host, redactor, queue: Mutex::default(), sinks: Mutex::new(sinks) }
    }

    /// Sends an event on its way.
    pub fn emit(&self, mut event: EventBody) {
        event.redact(&self.redactor);
        let waiting = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let seq = Seq(queue.next);
            queue.next += 1;
            let event = Event { run_id: self.run_id, seq, at: self.host.now(), event };
            queue.events.push(event);
            queue.events.len()
        };
        if waiting >= MAX_QUEUE {
            self.deliver();
        }
    }

    /// Hands all that waits to the sinks.
    pub fn deliver(&self) {
        // First the sinks, then the queue: two who deliver cannot get into each other's order.
        let mut sinks = self.sinks();
        let mut batch = std::mem::take(&mut sinks.batch);
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut batch, &mut queue.events);
        }
        for event in batch.drain(..) {
            sinks.each(|sink| sink.accept(&event));
        }
        sinks.batch = batch;
    }

    /// Delivers, and has all sinks hand on what they have kept back.
    pub fn flush(&self) {
        self.deliver();
        self.sinks().each(|sink| sink.flush());
    }

    /// The errors of sinks that were dropped.
    pub fn errors(&self) -> Vec<SinkError> {
        self.sinks().errors.clone()
    }

    /// The run that the events belong to.
    pub const fn run_id(&self) -> RunId {
        self.run_id
    }

    fn sinks(&self) -> MutexGuard<'_, Sinks> {
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sinks {
    fn each(&mut self, mut act: impl FnMut(&mut dyn Sink) -> Result<(), SinkError>) {
        let errors = &mut self.errors;
        self.live.retain_mut(|sink| {
            // It is dropped after a panic, so nobody sees what that left half done.
            let result = catch_unwind(AssertUnwindSafe(|| act(sink.as_mut())));
            match result.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))) {
                Ok(()) => true,
                Err(error) => {
                    errors.push(error);
                    false
                }
            }
        });
    }
}

fn panicked(panic: &(dyn Any + Send)) -> SinkError {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    SinkError { sink: "a consumer of events".to_owned(), reason: format!("it panicked: {text}") }
}

impl std::fmt::Debug for Emitter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emitter").field("run_id", &self.run_id).finish_non_exhaustive()
    }
}
