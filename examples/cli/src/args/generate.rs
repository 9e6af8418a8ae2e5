use std::path::PathBuf;

use aei_runner::generate::SourceFormat;
use clap::{Args, ValueHint};

/// Arguments of `aei new`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aei new --output first.aei.yaml
  aei new --from openapi http://127.0.0.1:8080/openapi.json --output api.aei.yaml
  aei new --from har session.har --output session.aei.yaml
  aei new --from curl - < commands.sh

What could not be carried over is said on standard error.")]
pub(crate) struct NewArgs {
    /// The document to start from: a file, `-` for standard input, or an http(s) address.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) source: Option<String>,
    /// What the document is: blank, openapi (Swagger too), har, curl, postman or hurl.
    /// Default: what the document looks like.
    #[arg(long, value_name = "FORMAT", requires = "source")]
    pub(crate) from: Option<SourceFormat>,
    /// Where to write the template, instead of standard output.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Overwrites the output file when it is there.
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}
