use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// `aei completions`: prints the completions of a shell.
pub(super) fn run(args: &CompletionsArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "aei", &mut script);
    terminal.print_bytes(&script)?;
    Ok(Exit::Passed)
}
