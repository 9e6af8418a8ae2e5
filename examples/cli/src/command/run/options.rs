use std::fs;
use std::path::Path;

use aei_core::source::{self, SourceMap, Syntax};
use aei_runner::host::reason;
use aei_runner::{InputSources, Rerun, RunOptions, Selection, node_labels};
use serde_json::{Map, Value};

use super::super::{policy, stored};
use crate::args::{InputArgs, RunArgs, RunsArgs, SelectArgs};
use crate::exit::Stop;

/// How to run, from all flags.
pub(super) fn all(args: &RunArgs) -> Result<RunOptions, Stop> {
    Ok(RunOptions {
        jobs: args.how.jobs.map_or(0, usize::from),
        fail_fast: args.how.fail_fast,
        retries: args.how.retries,
        timeout: args.how.timeout.map(|period| period.0),
        update_snapshots: args.how.update_snapshots,
        policy: args.how.policy.as_deref().map(policy::read).transpose()?,
        ..select(&args.select, &args.inputs, &args.output.runs)?
    })
}

/// Which cases, with which inputs.
pub(in crate::command) fn select(
    select: &SelectArgs,
    inputs: &InputArgs,
    runs: &RunsArgs,
) -> Result<RunOptions, Stop> {
    let rerun = select.rerun_failed.as_deref().map(|report| failed(report, &runs.out));
    Ok(RunOptions {
        inputs: InputSources {
            file: inputs.input_file.as_deref().map(input_file).transpose()?.unwrap_or_default(),
            flags: inputs.inputs.clone(),
            ..InputSources::default()
        },
        select: Selection { cases: select.cases.clone(), tags: select.tags.clone() },
        shard: select.shard,
        shuffle: select.shuffle,
        node: node_labels(),
        rerun: rerun.transpose()?,
        ..RunOptions::default()
    })
}

fn input_file(path: &Path) -> Result<Map<String, Value>, Stop> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| {
        Stop::mistake(format!("cannot read the input file `{name}`: {}", reason(&error)))
    })?;
    let mut sources = SourceMap::default();
    let node = source::parse(&mut sources, &name, bytes, Syntax::of_path(&name))
        .map_err(|mistake| Stop::Templates(vec![mistake_in(mistake, sources)]))?;
    match node.to_value() {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(Stop::mistake(format!("the input file `{name}` holds {}", node.type_name()))
            .help("write one line `name: value` for each input")),
    }
}

fn mistake_in(
    mistake: aei_core::diagnostic::Diagnostic,
    sources: SourceMap,
) -> aei_core::load::LoadError {
    aei_core::load::LoadError { diagnostics: vec![mistake], sources }
}

/// What of an earlier run is to be run again.
fn failed(report: &Path, runs: &Path) -> Result<Rerun, Stop> {
    let mut stored = stored::open(report, runs)?;
    let rerun = Rerun::of(&mut *stored.source)
        .map_err(|error| Stop::mistake(format!("cannot read `{}`: {error}", report.display())))?;
    let name = &stored.source.head().name;
    let nothing = |what: &str| {
        Err(Stop::mistake(format!("{what} in that run of `{name}`"))
            .help("leave `--rerun-failed` out to run everything"))
    };
    match rerun {
        None => nothing("nothing failed"),
        Some(rerun) if rerun.is_empty() => nothing("no case failed, but its teardown did,"),
        Some(rerun) => Ok(rerun),
    }
}
