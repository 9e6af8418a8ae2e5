//! `file`: looks at files and folders, writes, copies and deletes them.

mod act;
mod look;
mod outcome;
mod params;
mod run;

pub use outcome::{Deed, Found, Kind, Outcome};
pub use params::{Params, Read};
pub use run::File;
