//! Runs AEI templates: the engine, the built-in step runners, template generators and the
//! `cargo test` harness.
//!
//! Invariant: events come from the `Emitter` only; teardown always runs; no process or task
//! outlives its step.

pub use aei_core as core;

#[cfg(feature = "generate")]
pub mod generate;
pub mod runners;
#[cfg(feature = "tls")]
pub mod tls;
