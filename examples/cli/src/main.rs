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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
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

/// Shows help that was asked for, or says what is wrong with what was typed.
fn refuse(error: &clap::Error) -> ExitCode {
    let Some(stop) = args::refusal(error) else {
        // Nobody is left to be told when this fails.
        let _ = error.print();
        return if error.use_stderr() { Exit::Mistake } else { Exit::Passed }.into();
    };
    let no_color = std::env::args_os().any(|word| word == "--no-color");
    Terminal::new(no_color).complain(&stop);
    stop.exit().into()
}
