use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aei_core::host::Host;
use aei_core::runner::Registry;
use aei_runner::{InputSources, LocalHost, Plan, RunOptions, Selection};
use serde_json::{Map, Value};

use super::folder::{Claim, Folder};
use super::take::Unfit;
use crate::agent::host::NodeHost;

/// What a node brings to every run.
pub(in crate::agent) struct Setup {
    pub(in crate::agent) registry: Registry,
    /// `os`, `arch`, `hostname`, and its own.
    pub(in crate::agent) labels: BTreeMap<String, String>,
    pub(in crate::agent) inputs: Map<String, Value>,
    /// How many cases run at a time when the run does not say. Zero: as many as there are cores.
    pub(in crate::agent) jobs: usize,
}

/// The plan of a command, and the machine as it sees it.
pub(super) fn prepare(
    setup: &Setup,
    folder: &Folder,
    claim: &Claim,
) -> Result<(Plan, Arc<dyn Host>), Unfit> {
    let shown = PathBuf::from(&claim.file);
    let host: Arc<dyn Host> = Arc::new(NodeHost {
        local: LocalHost,
        work: folder.work(),
        template: (shown.clone(), folder.template()),
    });
    let (mut suite, _) = aei_runner::load(&shown, &setup.registry, host.as_ref())
        .map_err(|mistakes| Unfit::errored(mistakes.to_string()))?;
    suite.dir = folder.work();
    let plan = Plan::new(vec![suite], options(setup, claim), &host)
        .map_err(|error| Unfit::errored(error.to_string()))?;
    Ok((plan, host))
}

fn options(setup: &Setup, claim: &Claim) -> RunOptions {
    let command = &claim.command;
    let settings = &command.settings;
    let jobs = settings.jobs.and_then(|jobs| usize::try_from(jobs).ok()).unwrap_or(setup.jobs);
    let mut labels = setup.labels.clone();
    labels.extend(command.labels.clone());
    RunOptions {
        jobs,
        inputs: InputSources {
            node: setup.inputs.clone(),
            request: command.inputs.clone(),
            ..InputSources::default()
        },
        select: Selection { cases: command.cases.clone().unwrap_or_default(), tags: None },
        fail_fast: settings.fail_fast,
        retries: settings.retries,
        timeout: settings.timeout_s.map(Duration::from_secs),
        node: labels,
        ..RunOptions::default()
    }
}
