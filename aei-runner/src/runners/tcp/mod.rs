//! `tcp`: connects, speaks and listens, with or without TLS.
//!
//! What the other side says is compared with what is expected and reported; only what the step
//! itself gets wrong is an error.
//!
//! | file | holds |
//! | --- | --- |
//! | `connection` | a stream and what was read from it but not yet used |
//! | `exchange` | sending and expecting, one turn after the other |
//! | `session` | connections that outlive a step |

mod connection;
mod exchange;
mod outcome;
mod params;
mod run;
mod session;

pub use outcome::{Match, Outcome};
pub use params::{Params, Turn};
pub use run::Tcp;
