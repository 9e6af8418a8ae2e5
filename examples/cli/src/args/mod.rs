//! What may be typed: flags and arguments, with their help.

mod generate;
mod list;
mod refusal;
mod report;
mod run;
mod select;
mod sign;

pub(crate) use generate::NewArgs;
pub(crate) use list::ListArgs;
pub(crate) use refusal::refusal;
pub(crate) use report::{
    ConvertArgs, DiffArgs, MergeArgs, OpenArgs, ReportCommand, RunsArgs, ShowArgs, Target,
};
pub(crate) use run::RunArgs;
pub(crate) use select::{InputArgs, SelectArgs};
pub(crate) use sign::{KeygenArgs, SignArgs, SignCommand, VerifyArgs};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

/// Run declarative tests on any machine.
///
/// A template, in YAML or JSON, says what to test; step runners do it; every result is one report.
#[derive(Debug, Parser)]
#[command(name = "aei", version, max_term_width = 100, after_help = FIRST_STEPS)]
pub(crate) struct Cli {
    /// Writes no colours. `NO_COLOR` and `CLICOLOR_FORCE` are obeyed too.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) no_color: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const FIRST_STEPS: &str = "\
First steps:
  aei demo                          see a run
  aei new --output first.aei.yaml   start a template of your own
  aei run first.aei.yaml            run it

Exit status:
  0 all passed              2 a bad template, input or flag; nothing ran
  1 some case did not       3 the infrastructure failed
  130 interrupted; teardown has run";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a template: blank, or from a document of another tool.
    New(NewArgs),
    /// Find every mistake in templates, without running anything.
    Validate(ValidateArgs),
    /// List the cases that a run would have.
    List(ListArgs),
    /// Run templates.
    Run(Box<RunArgs>),
    /// Show, convert, merge and compare reports.
    #[command(subcommand)]
    Report(ReportCommand),
    /// Print the JSON Schema of templates, events, reports or policies.
    Schema(SchemaArgs),
    /// List the step runners, or explain one.
    Runners(RunnersArgs),
    /// Make one self-contained template of a template and all it includes.
    Bundle(BundleArgs),
    /// Sign templates, and verify them.
    Sign(SignArgs),
    /// Run a built-in example on this machine.
    Demo(DemoArgs),
    /// Print completions for a shell.
    Completions(CompletionsArgs),
    /// Write the manual pages.
    Man(ManArgs),
}

/// Arguments of `aei validate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aei validate checkout.aei.yaml
  aei validate tests/               every *.aei.yaml, *.aei.yml and *.aei.json below
  aei validate --json tests/        for editors and scripts")]
pub(crate) struct ValidateArgs {
    /// Templates, or folders with templates.
    #[arg(required = true, value_name = "TEMPLATE", value_hint = ValueHint::AnyPath)]
    pub(crate) templates: Vec<PathBuf>,
    /// Takes warnings for mistakes.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Prints what was found as a JSON list.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `aei schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aei schema > template.schema.json
  aei schema report")]
pub(crate) struct SchemaArgs {
    /// Of what.
    #[arg(value_enum, default_value_t = SchemaOf::Template)]
    pub(crate) of: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// What a person writes.
    Template,
    /// What happens in a run, one line each in `events.ndjson`.
    Event,
    /// What a run gave.
    Report,
    /// What a node lets templates do: `policy.toml`.
    Policy,
}

/// Arguments of `aei runners`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aei runners                       a line for each kind
  aei runners http                  what `http` is told and what it returns
  aei runners --markdown docs/reference")]
pub(crate) struct RunnersArgs {
    /// The kind to explain.
    pub(crate) kind: Option<String>,
    /// Prints kinds with their schemas as JSON.
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Writes the reference, a Markdown page for each kind and check, into this folder.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "kind")]
    pub(crate) markdown: Option<PathBuf>,
}

/// Arguments of `aei bundle`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  aei bundle checkout.aei.yaml --output bundled.aei.yaml")]
pub(crate) struct BundleArgs {
    /// The template.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) template: PathBuf,
    /// Where to write it, instead of standard output.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// Arguments of `aei demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to put the demo. Default: a new folder for temporary files.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}

/// Arguments of `aei completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aei completions bash > /etc/bash_completion.d/aei
  aei completions zsh > \"${fpath[1]}/_aei\"
  aei completions fish > ~/.config/fish/completions/aei.fish")]
pub(crate) struct CompletionsArgs {
    /// Which shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// Arguments of `aei man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  aei man ~/.local/share/man/man1 && man aei-run")]
pub(crate) struct ManArgs {
    /// The folder to write `aei.1`, `aei-run.1` and the others into.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }
}
