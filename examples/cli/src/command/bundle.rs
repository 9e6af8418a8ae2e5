use crate::args::BundleArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// `aei bundle`: one self-contained template of a template and all it includes.
pub(super) fn run(_args: &BundleArgs, _terminal: &Terminal) -> Result<Exit, Stop> {
    Err(Stop::mistake("bundling is not built yet"))
}
