use std::path::PathBuf;
use std::str::FromStr;

use aei_core::template::Period;
use clap::{Args, ValueHint};

use super::{InputArgs, RunsArgs, SelectArgs, Target};

/// Arguments of `aei run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aei run checkout.aei.yaml
  aei run tests/ --tag smoke --jobs 8
  aei run api.aei.yaml --input base_url=http://staging:8080
  aei run tests/ --report junit=out/junit.xml --report html=out/report.html
  aei run tests/ --rerun-failed latest
  aei run checkout.aei.yaml --watch

Results go to .aei/runs/<run id>/ as they happen, so that even a killed run has
its report; `aei report open` shows the latest.

Exit status:
  0 all passed              2 a bad template, input or flag; nothing ran
  1 some case did not       3 the infrastructure failed
  130 interrupted; teardown has run")]
pub(crate) struct RunArgs {
    /// Templates, or folders with `*.aei.yaml`, `*.aei.yml` and `*.aei.json` below them.
    #[arg(required = true, value_name = "TEMPLATE", value_hint = ValueHint::AnyPath)]
    pub(crate) templates: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) how: HowArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How to run.
#[derive(Debug, Args)]
#[command(next_help_heading = "How to run")]
pub(crate) struct HowArgs {
    /// How many cases run at a time. Default: the number of cores.
    #[arg(long, short, value_name = "N", value_parser = jobs)]
    pub(crate) jobs: Option<u16>,
    /// Starts no further case once one did not pass.
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Tries a case that did not pass so many times more.
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(crate) retries: Option<u32>,
    /// Time limit of the whole run, such as `90s` or `10m`. Teardown gets time of its own.
    #[arg(long, value_name = "DURATION")]
    pub(crate) timeout: Option<Period>,
    /// Runs as a node with this `policy.toml` would: what it does not allow is refused, and with
    /// trusted keys in it, templates must be signed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
    /// Stores snapshots anew instead of comparing with them.
    #[arg(long)]
    pub(crate) update_snapshots: bool,
    /// Runs again whenever a template, or a file that it includes, changes.
    #[arg(long, conflicts_with = "json")]
    pub(crate) watch: bool,
}

/// What to tell and where to keep results.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Writes a report: json, ndjson, junit, html, markdown, tap, ctrf, allure (a folder) or
    /// github; may be repeated. `-` is standard output.
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub(crate) reports: Vec<Target>,
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
    /// Tells of failures only.
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Tells of every case, and shows what steps print while they print it.
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// Prints a summary as JSON to standard output, and everything else to standard error.
    #[arg(long)]
    pub(crate) json: bool,
}

fn jobs(text: &str) -> Result<u16, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("write a number from 1 to {}", u16::MAX))
}

/// A number, with a reason that people understand when it is none.
pub(super) fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "write a whole number, not below 0 and not too large".to_owned())
}
