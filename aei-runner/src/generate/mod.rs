//! Foreign formats made into templates: what `aei new` does.
//!
//! Each generator reads one format, fills a [`document`] draft and tells in [`Note`]s what it did
//! not carry over: nothing is dropped in silence. The text it gives always validates, and no input
//! makes a generator panic.

mod address;
mod blank;
mod curl;
mod document;
mod error;
mod fetch;
mod format;
mod har;
mod hurl;
mod marked;
mod note;
mod openapi;
mod origin;
mod postman;
mod read;
mod request;
mod run;

pub use error::GenerateError;
pub use fetch::fetch;
pub use format::{SourceFormat, UnknownFormat};
pub use note::Note;
pub use origin::Origin;
pub use run::{Generated, generate};

#[cfg(test)]
mod tests;
