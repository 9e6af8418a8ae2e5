//! Bad weather: each thing that may go wrong ends in a clear error or a failed step within its
//! time, leaves no process behind, and costs no result already made.
#![cfg(target_os = "linux")]

mod bench;
mod children;
mod endings;
mod large;
mod places;
mod secrets;
mod services;
mod site;
mod templates;
