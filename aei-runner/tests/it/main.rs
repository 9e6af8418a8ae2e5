//! Behaviour through the public face of the crate.

mod context;
mod http;
mod shell;
mod wait;
