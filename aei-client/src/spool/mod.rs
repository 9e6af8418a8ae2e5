//! Events of one command, kept on disk until the server has them.
//!
//! Events come in as the engine makes them, get their numbers, and go into segments: files of
//! NDJSON, named by the number of their first event, the same lines as the journal of a local run.
//! [`upload`](Uploader) sends them in batches. A segment is deleted once the server has all of it
//! *and* nothing in it is needed to tell, after a crash, how far the run had come.
//!
//! Invariant: nothing leaves the spool before the server has acknowledged it; memory does not
//! grow with what waits.

mod ballast;
mod batch;
mod segment;
mod sink;
mod store;
#[cfg(test)]
mod tests;
mod upload;

pub(crate) use ballast::Ballast;
pub(crate) use batch::{Batch, Limits};
pub(crate) use sink::SpoolSink;
pub(crate) use store::Spool;
pub(crate) use upload::{Delivery, Uploader, is_gone, pauses};
