//! The `aei` command line.
//!
//! A thin shell over `aei-core` and `aei-runner`: it reads arguments, calls the library, and shows
//! what comes back. Invariant: no decision that a library user could not make through the public
//! API.

mod args;
mod command;
mod exit;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::exit::Exit;
use crate::terminal::Terminal;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.no_color);
    let exit = match command::dispatch(cli.command, &terminal) {
        Ok(exit) => exit,
        Err(stop) if stop.is_reader_gone() => Exit::Passed,
        Err(stop) => {
            terminal.complain(&stop);
            stop.exit()
        }
    };
    exit.into()
}
