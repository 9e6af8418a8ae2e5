//! The server from outside: over HTTP, on both databases.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod app;
mod doors;
mod postgres;
mod story;
