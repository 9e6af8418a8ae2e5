//! Carries a plan out and tells of it in events.
//!
//! A dispatcher ([`schedule`]) hands out cases in order, as soon as what they need has passed and
//! the resources they lock are free. Each case runs from start to end on one thread; each thread
//! runs as many cases at a time as its share of the jobs. Timeouts, retries, teardown and
//! cancelling wrap every step here and live in no runner.
//!
//! Invariant: events come from the [`Emitter`](aei_core::event::Emitter) only; teardown always
//! runs; no process or task outlives its step.

mod attempt;
mod block;
mod cancel;
mod case;
mod conclude;
mod excerpt;
mod output;
mod run;
mod schedule;
mod shared;
mod step;
mod verdict;

pub use cancel::CancelToken;
pub use conclude::CutOff;
pub use run::{Engine, EngineError, Run, RunOutcome};
