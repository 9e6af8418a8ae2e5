//! Behaviour through the public face of the crate.

mod context;
mod shell;
mod wait;
