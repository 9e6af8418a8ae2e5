//! One command, from taking it to the last byte delivered.
//!
//! A folder goes through these stages, and what comes after a crash depends on the last mark:
//!
//! | in the folder | it means | what a new process does |
//! | --- | --- | --- |
//! | no `claim.json` | nothing has run | forgets it; the server tells of it again |
//! | `claim.json` | it runs, or ran when the process died | ends it as errored, or runs it again if the run allows that |
//! | `finish.json` | it has ended | delivers what is missing |

mod carry;
mod deliver;
mod execute;
mod files;
mod folder;
mod persist;
mod prepare;
mod recover;
mod take;

pub(super) use carry::{Cx, carry, resume};
pub(super) use prepare::Setup;
