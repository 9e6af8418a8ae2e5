//! `wait`: lets time pass, or waits until a port or a file is there.

mod outcome;
mod params;
mod run;

pub use outcome::Outcome;
pub use params::Params;
pub use run::Wait;
