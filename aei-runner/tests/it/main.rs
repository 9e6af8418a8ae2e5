//! Behaviour through the public face of the crate.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod certificates;
mod conformance;
mod context;
mod engine;
mod file;
#[cfg(feature = "generate")]
mod generate;
mod generated;
mod http;
mod httpbin;
mod policy;
mod shell;
mod tcp;
mod wait;
