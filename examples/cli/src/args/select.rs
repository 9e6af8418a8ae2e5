use std::path::PathBuf;

use aei_runner::{Shard, TagExpr};
use clap::{Args, ValueHint};

use super::run::whole;

/// Which cases.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which cases")]
pub(crate) struct SelectArgs {
    /// Cases by id, exact or as a glob (`login*`); may be repeated. What they need runs too.
    #[arg(long = "case", value_name = "GLOB")]
    pub(crate) cases: Vec<String>,
    /// Cases by tag: `smoke`, `smoke and not slow`, `a or b`.
    #[arg(long = "tag", value_name = "EXPR")]
    pub(crate) tags: Option<TagExpr>,
    /// The k-th of n equal parts, such as `1/3`.
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<Shard>,
    /// Starts cases in an order drawn by this number.
    #[arg(long, value_name = "SEED", value_parser = whole::<u64>)]
    pub(crate) shuffle: Option<u64>,
    /// Only what did not pass in an earlier run, or never began if that was cut off: its report,
    /// its folder, or `latest`.
    #[arg(long, value_name = "REPORT", value_hint = ValueHint::AnyPath)]
    pub(crate) rerun_failed: Option<PathBuf>,
}

/// The values of inputs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inputs")]
pub(crate) struct InputArgs {
    /// Sets an input; may be repeated.
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) inputs: Vec<(String, String)>,
    /// A YAML or JSON file with inputs. Below `--input`, above `AEI_INPUT_<NAME>`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) input_file: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write `name=value`")?;
    match name.trim() {
        "" => Err("the name is missing before `=`".to_owned()),
        name => Ok((name.to_owned(), value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_equals_sign_parts() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(pair("a="), Ok(("a".to_owned(), String::new())));
        assert!(pair("a").is_err());
        assert!(pair("=b").is_err());
    }
}
