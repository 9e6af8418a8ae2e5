//! Requests over HTTP/1.1 and HTTP/2, with connections and cookies kept for a case.
//!
//! Built right on hyper: a connection is polled by the step that uses it ([`driver`]), so HTTP/1.1
//! needs no task, and a step costs one write and one read. No check is made here; a response with
//! any status is an outcome.

mod client;
mod connect;
mod connection;
mod content;
mod decode;
mod digest;
mod draft;
mod driver;
mod exchange;
mod fields;
mod multipart;
mod outcome;
mod params;
mod payload;
mod proxy;
mod redirect;
mod run;
mod runner;
mod target;
mod trouble;
mod wire;

pub use fields::Fields;
pub use multipart::Multipart;
pub use outcome::{Hop, Outcome, SetCookie, Timings, TlsFacts};
pub use params::{Auth, Cookies, Login, Params, ProxyChoice, RawBody, Redirects, Version};
pub use runner::Http;
