//! The program as people meet it: what is typed, what is printed, what is left behind.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod disk;
mod golden;
mod interrupt;
mod open;
mod program;
mod rerun;
mod terminal;
mod watch;
mod weather;
