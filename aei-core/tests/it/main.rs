//! Behaviour through the public face of the crate.

mod formats;
mod page;
mod prefixes;
mod sample;
mod several;
mod tools;
mod validate;
