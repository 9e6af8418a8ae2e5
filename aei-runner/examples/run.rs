//! Runs a template through the SDK, as a program of your own would: `run FILE [JSON_REPORT]`.

use std::path::Path;
use std::sync::Arc;

use aei_runner::core::host::Host;
use aei_runner::core::report::format::{self, Format};
use aei_runner::{CancelToken, Engine, LocalHost, Plan, Run, RunFolder, RunOptions, load};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "examples/hello.aei.yaml".to_owned());
    let host: Arc<dyn Host> = Arc::new(LocalHost);
    let registry = aei_runner::registry();
    let (suite, _warnings) = load(Path::new(&file), &registry, host.as_ref())?;
    let options = RunOptions { node: aei_runner::node_labels(), ..RunOptions::default() };
    let plan = Plan::new(vec![suite], options, &host)?;
    let folder = RunFolder::create(Path::new(".aei/runs"), host.as_ref())?;
    let run = Run { plan, folder: Some(folder), sinks: Vec::new(), cancel: CancelToken::new() };
    let mut outcome = Engine::new(registry, host).run(run)?;
    if let Some(path) = arguments.next() {
        let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
        let options = format::Options { artifact: &|_| None };
        format::write(Format::Json, outcome.report.as_mut(), &mut out, &options)?;
    }
    anyhow::ensure!(!outcome.status.is_bad(), "{}", outcome.status);
    Ok(())
}
