//! What each command does: a file each.

mod bundle;
mod completions;
mod demo;
mod list;
mod man;
mod new;
mod policy;
mod report;
mod run;
mod runners;
mod schema;
mod sign;
mod stored;
mod templates;
mod validate;
mod writing;

use crate::args::Command;
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// Does what was asked for.
pub(crate) fn dispatch(command: Command, terminal: &Terminal) -> Result<Exit, Stop> {
    match command {
        Command::New(args) => new::run(&args, terminal),
        Command::Validate(args) => validate::run(&args, terminal),
        Command::List(args) => list::run(&args, terminal),
        Command::Run(args) => run::run(&args, terminal),
        Command::Report(command) => report::run(command, terminal),
        Command::Schema(args) => schema::run(&args, terminal),
        Command::Runners(args) => runners::run(&args, terminal),
        Command::Bundle(args) => bundle::run(&args, terminal),
        Command::Sign(args) => sign::run(&args, terminal),
        Command::Demo(args) => demo::run(&args, terminal),
        Command::Completions(args) => completions::run(&args, terminal),
        Command::Man(args) => man::run(&args, terminal),
    }
}
