//! Behaviour through the public face of the crate.

mod formats;
mod sample;
mod validate;
