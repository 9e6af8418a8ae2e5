use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{InputArgs, RunsArgs, SelectArgs};

/// Arguments of `aei list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aei list checkout.aei.yaml
  aei list tests/ --tag 'smoke and not slow'
  aei list tests/ --json")]
pub(crate) struct ListArgs {
    /// Templates, or folders with templates.
    #[arg(required = true, value_name = "TEMPLATE", value_hint = ValueHint::AnyPath)]
    pub(crate) templates: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// Prints the cases as a JSON list.
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
}
