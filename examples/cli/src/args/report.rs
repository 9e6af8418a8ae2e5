use std::path::{Path, PathBuf};
use std::str::FromStr;

use aei_core::diagnostic::nearest;
use aei_core::report::format::Format;
use clap::{Args, Subcommand, ValueHint};

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Write a report in other formats.
    Convert(ConvertArgs),
    /// Make one report of several, such as those of shards.
    Merge(MergeArgs),
    /// Open a report in the browser.
    Open(OpenArgs),
    /// Show what did not pass, as `aei run` does at its end.
    Show(ShowArgs),
    /// Compare two reports: newly failing, fixed, slower, added, removed.
    Diff(DiffArgs),
}

/// A format and where to write it: `junit=out.xml`; without a path, standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) format: Format,
    /// `None`: standard output.
    pub(crate) path: Option<PathBuf>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = match text.split_once('=') {
            Some((format, path)) => (format, Some(path)),
            None => (text, None),
        };
        let format: Format = format.parse().map_err(|_| unknown_format(text))?;
        let path = match path {
            Some("") => return Err("the path is missing after `=`".to_owned()),
            Some("-") | None => None,
            Some(path) => Some(PathBuf::from(path)),
        };
        if path.is_none() && format == Format::Allure {
            return Err("allure is a folder of files: write `allure=DIR`".to_owned());
        }
        Ok(Self { format, path })
    }
}

/// What was probably meant by what is no target.
fn unknown_format(text: &str) -> String {
    let names = Format::ALL.map(Format::as_str);
    let (name, path) = text.split_once('=').map_or((text, None), |(n, p)| (n, Some(p)));
    let ending = Path::new(text).extension().and_then(|ending| ending.to_str());
    let known = names.join(", ");
    match (nearest(name, names), path, ending.and_then(format_of_ending)) {
        (_, None, Some(format)) => format!("`{text}` names no format; write `{format}={text}`"),
        (Some(like), path, _) => {
            let path = path.map_or(String::new(), |path| format!("={path}"));
            format!("there is no format `{name}`; did you mean `{like}{path}`?")
        }
        (None, Some(_), _) => format!("there is no format `{name}`; there are {known}"),
        (None, None, None) => format!("`{text}` names no format; write FORMAT=PATH, with {known}"),
    }
}

fn format_of_ending(ending: &str) -> Option<Format> {
    Some(match ending.to_ascii_lowercase().as_str() {
        "xml" => Format::Junit,
        "html" | "htm" => Format::Html,
        "md" => Format::Markdown,
        other => return other.parse().ok(),
    })
}

/// Arguments of `aei report convert`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aei report convert latest --to junit=junit.xml --to html=report.html
  aei report convert report.json --to markdown >> \"$GITHUB_STEP_SUMMARY\"")]
pub(crate) struct ConvertArgs {
    /// A JSON report, the folder of a run, its id, or `latest`.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) report: PathBuf,
    #[command(flatten)]
    pub(crate) to: ToArgs,
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
}

/// What to write.
#[derive(Debug, Args)]
pub(crate) struct ToArgs {
    /// The format, and the file; may be repeated. json, ndjson, junit, html, markdown, tap, ctrf,
    /// allure (a folder) or github.
    #[arg(long = "to", value_name = "FORMAT[=PATH]", required = true)]
    pub(crate) targets: Vec<Target>,
}

/// Where runs are kept.
#[derive(Debug, Args)]
pub(crate) struct RunsArgs {
    /// Where the folders of runs are kept.
    #[arg(long, value_name = "DIR", default_value = ".aei/runs", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
}

/// Arguments of `aei report merge`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  aei report merge shard-1.json shard-2.json --to json=all.json --to html=all.html")]
pub(crate) struct MergeArgs {
    /// JSON reports or folders of runs. A case that is in several counts as it ended last.
    #[arg(required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) reports: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) to: ToArgs,
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
}

/// Arguments of `aei report open`.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// A JSON report, the folder of a run, its id, or `latest`.
    #[arg(default_value = "latest", value_hint = ValueHint::AnyPath)]
    pub(crate) report: PathBuf,
    /// Prints the path of the HTML file instead of opening it.
    #[arg(long)]
    pub(crate) print: bool,
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
}

/// Arguments of `aei report show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A JSON report, the folder of a run, its id, or `latest`.
    #[arg(default_value = "latest", value_hint = ValueHint::AnyPath)]
    pub(crate) report: PathBuf,
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
}

/// Arguments of `aei report diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  aei report diff main.json branch.json

Exit status: 1 when a case is worse than before, or new and bad.")]
pub(crate) struct DiffArgs {
    /// The report to compare with.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) before: PathBuf,
    /// The report to look at.
    #[arg(default_value = "latest", value_hint = ValueHint::AnyPath)]
    pub(crate) after: PathBuf,
    /// Prints the differences as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) runs: RunsArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_format_and_a_path() {
        let target: Target = "junit=a=b.xml".parse().unwrap();
        assert_eq!(target, Target { format: Format::Junit, path: Some("a=b.xml".into()) });
        assert_eq!("tap".parse::<Target>().unwrap().path, None);
        assert_eq!("tap=-".parse::<Target>().unwrap().path, None);
        for wrong in ["", "nonsense=x", "junit=", "allure", "=x"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_target_says_how_to_write_it() {
        for (wrong, said) in [
            ("junit.xml", "`junit.xml` names no format; write `junit=junit.xml`"),
            ("out/r.html", "`out/r.html` names no format; write `html=out/r.html`"),
            ("r.md", "`r.md` names no format; write `markdown=r.md`"),
            ("r.json", "`r.json` names no format; write `json=r.json`"),
            ("juint=x.xml", "there is no format `juint`; did you mean `junit=x.xml`?"),
            ("htlm", "there is no format `htlm`; did you mean `html`?"),
            ("pdf=x.pdf", "there is no format `pdf`; there are json, ndjson, "),
            ("out/report", "`out/report` names no format; write FORMAT=PATH, with json, "),
        ] {
            let error = wrong.parse::<Target>().unwrap_err();
            assert!(error.starts_with(said), "{wrong}: {error}");
        }
    }
}
