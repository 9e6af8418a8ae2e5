use std::fs;

use clap::CommandFactory;

use super::writing::cannot_write;
use crate::args::{Cli, ManArgs};
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// `aei man`: writes the manual pages.
pub(super) fn run(args: &ManArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    fs::create_dir_all(&args.dir).map_err(|error| cannot_write(&args.dir, &error))?;
    clap_mangen::generate_to(Cli::command(), &args.dir)
        .map_err(|error| cannot_write(&args.dir, &error))?;
    terminal.say(&format!("wrote the manual pages to {}", args.dir.display()));
    Ok(Exit::Passed)
}
