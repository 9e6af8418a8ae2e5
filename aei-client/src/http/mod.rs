//! The typed client of the server's API: one method a route, in words of [`aei_core::api`].
//!
//! Every write carries an `Idempotency-Key` made once per call, so that asking again after a lost
//! answer does nothing twice; that is what makes retries safe. Answers that are no success come
//! back as the server's own [`Problem`](aei_core::api::Problem).

mod address;
mod call;
mod client;
mod download;
mod error;
mod pages;
mod problem;
mod retry;
mod routes;
mod sse;

pub use client::{Client, ClientBuilder};
pub use download::Download;
pub use error::ClientError;
pub use pages::Pages;
pub use retry::RetryPolicy;
pub use routes::{CommandStream, Login, ReportFile, RunEvents, TemplateBytes, UserEvents};

pub(crate) use call::{Call, Content};
pub(crate) use retry::Backoff;
