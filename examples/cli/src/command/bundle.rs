use aei_core::load::bundle;
use aei_runner::LocalHost;

use super::writing;
use crate::args::BundleArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// `aei bundle`: one self-contained template of a template and all it includes.
pub(super) fn run(args: &BundleArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let text = bundle(&args.template, &LocalHost)?;
    writing::text(args.output.as_deref(), &text, terminal)?;
    Ok(Exit::Passed)
}
