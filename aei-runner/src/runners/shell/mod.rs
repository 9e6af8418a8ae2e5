//! `shell`: runs a program, or a line of the shell, and reports how it ended and what it printed.
//!
//! Every child leads a process group of its own, and no process of a step outlives it: whatever
//! is left when the step ends, times out, is cancelled or dropped is told to end, then killed.
//!
//! | file | holds |
//! | --- | --- |
//! | `command` | what to start, from the parameters; why it did not start |
//! | `capture` | what was printed, up to a limit |
//! | `stream` | from the child's pipes to the live output and the capture |
//! | `group` | the process group and those who fled from it |

mod capture;
mod command;
#[cfg_attr(unix, path = "group_unix.rs")]
#[cfg_attr(not(unix), path = "group_other.rs")]
mod group;
mod outcome;
mod params;
mod run;
mod stream;

pub use outcome::Outcome;
pub use params::{Params, Word};
pub use run::Shell;
