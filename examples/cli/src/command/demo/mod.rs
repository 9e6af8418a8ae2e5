//! `aei demo`: a run that everybody can see, on this machine only.

mod service;

use std::path::Path;

use aei_core::report::format::Format;
use clap::Parser;

use super::{run as run_command, writing};
use crate::args::{Cli, Command, DemoArgs};
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// The template that the demo runs.
const TEMPLATE: &str = include_str!("../../../demo/shop.aei.yaml");
/// The data that it reads.
const USERS: &str = include_str!("../../../demo/users.csv");

/// `aei demo`: starts a small service on the loopback address and tests it.
pub(super) fn run(args: &DemoArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let dir = match &args.dir {
        Some(dir) => dir.clone(),
        None => std::env::temp_dir().join(format!("aei-demo-{}", std::process::id())),
    };
    let template = dir.join("shop.aei.yaml");
    for (path, text) in [(&template, TEMPLATE), (&dir.join("users.csv"), USERS)] {
        writing::text(Some(path), text, terminal)?;
    }
    let service = service::start()
        .map_err(|error| Stop::Infrastructure(format!("cannot open a port: {error}")))?;
    let paint = terminal.err();
    terminal.say(&format!("A small shop is open at {}.", paint.place(&service)));
    terminal.say(&format!("Its tests are in {}.\n", paint.place(template.display())));
    let exit = run_template(&dir, &template, &service, terminal)?;
    let html = dir.join("report.html");
    terminal
        .say("\nOne case is flaky: the shop's first answer to it is always 503, and `retries: 1`");
    terminal.say("tried again. The report, to look at in a browser:");
    terminal.print(&format!("{}\n", html.display()))?;
    terminal.say(&format!(
        "Next: {} starts a template of your own.",
        paint.bold("aei new --output first.aei.yaml")
    ));
    Ok(exit)
}

fn run_template(
    dir: &Path,
    template: &Path,
    service: &str,
    terminal: &Terminal,
) -> Result<Exit, Stop> {
    let path = |path: &Path| path.display().to_string();
    let words = [
        "aei".to_owned(),
        "run".to_owned(),
        path(template),
        "--verbose".to_owned(),
        "--input".to_owned(),
        format!("base_url={service}"),
        "--input".to_owned(),
        "password=open sesame".to_owned(),
        "--out".to_owned(),
        path(&dir.join("runs")),
        "--report".to_owned(),
        format!("{}={}", Format::Html, path(&dir.join("report.html"))),
    ];
    let cli = Cli::try_parse_from(words).map_err(|error| Stop::mistake(error.to_string()))?;
    match cli.command {
        Command::Run(args) => run_command::run(&args, terminal),
        _ => Ok(Exit::Mistake),
    }
}
