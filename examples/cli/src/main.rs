//! The `aei` command line.
//!
//! A thin shell over `aei-core` and `aei-runner`: it reads arguments, calls the library, and shows
//! what comes back. Invariant: no decision that a library user could not make through the public
//! API.

mod args;
mod command;
mod exit;
mod terminal;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.no_color);
    let exit = match command::dispatch(cli.command, &terminal) {
        Ok(exit) => exit,
        Err(Stop::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Exit::Passed,
        Err(stop) => {
            terminal.complain(&stop);
            stop.exit()
        }
    };
    exit.into()
}
