//! Behaviour through the public face of the crate.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod formats;
mod page;
mod prefixes;
mod sample;
mod several;
mod tools;
mod validate;
