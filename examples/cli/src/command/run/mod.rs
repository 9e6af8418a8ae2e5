//! `aei run`: templates in, verdict out.

mod ending;
mod interrupt;
pub(super) mod options;
mod watch;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use aei_core::host::Host;
use aei_runner::{CancelToken, Engine, LocalHost, Plan, Run, RunFolder};

use self::ending::Ending;
use self::interrupt::Interrupt;
use super::templates;
use crate::args::RunArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::{Detail, Live, Paint, Screen, Terminal};

/// `aei run`.
pub(super) fn run(args: &RunArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let signal = Interrupt::listen()?;
    if args.how.watch {
        return watch::run(args, terminal, &signal);
    }
    once(args, terminal, &signal, &mut Vec::new())
}

/// One run, from its templates to its exit status. `files` learns what was loaded.
fn once(
    args: &RunArgs,
    terminal: &Terminal,
    signal: &Interrupt,
    files: &mut Vec<PathBuf>,
) -> Result<Exit, Stop> {
    let registry = aei_runner::registry();
    let host: Arc<dyn Host> = Arc::new(LocalHost);
    let options = options::all(args)?;
    let suites =
        templates::load_all(&args.templates, &registry, &host, options.policy.as_ref(), terminal)?;
    for suite in &suites {
        files.extend(suite.sources.files().iter().map(|file| PathBuf::from(&file.name)));
    }
    let plan = Plan::new(suites, options, &host)?;
    let folder = RunFolder::create(&args.output.runs.out, &*host).map_err(|error| {
        let out = args.output.runs.out.display();
        let advice = "choose another folder with `--out DIR`";
        Stop::Infrastructure(format!("cannot keep results in `{out}`: {error}; {advice}"))
    })?;
    let path = folder.path().to_owned();
    let screen = screen(args, terminal);
    let cancel = CancelToken::new();
    signal.run_begins(cancel.clone(), Box::new(screen.notice()));
    let run = Run { plan, folder: Some(folder), sinks: vec![screen.sink()], cancel };
    let outcome = Engine::new(registry, host).run(run);
    let interrupted = signal.run_ends();
    let memory = screen.close();
    let outcome = outcome.map_err(|error| Stop::Infrastructure(error.to_string()))?;
    Ok(Ending { args, terminal, path, outcome, memory, interrupted }.tell())
}

/// Whether standard output belongs to a machine, so that people are told on standard error.
fn stdout_is_data(args: &RunArgs) -> bool {
    args.output.json || args.output.reports.iter().any(|target| target.path.is_none())
}

/// Where people are told, and in which colours.
fn people(args: &RunArgs, terminal: &Terminal) -> (Box<dyn Write + Send>, Paint) {
    if stdout_is_data(args) {
        (Box::new(BufWriter::new(io::stderr())), terminal.err())
    } else {
        (Box::new(BufWriter::new(io::stdout())), terminal.out())
    }
}

fn screen(args: &RunArgs, terminal: &Terminal) -> Screen {
    let detail = match (args.output.quiet, args.output.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    };
    let (out, paint) = people(args, terminal);
    let live = match detail {
        Detail::Quiet => None,
        Detail::Normal | Detail::Verbose => Live::on_stderr().map(|live| (live, terminal.err())),
    };
    Screen::new(detail, out, (paint, terminal.width()), live)
}
