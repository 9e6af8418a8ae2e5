//! The engine through its public face: a template in, a report out.

mod cancel;
mod flow;
mod folder;
mod inputs;
mod order;
mod retry;
mod secrets;
mod select;
mod time;
mod trouble;

use std::path::Path;
use std::sync::Arc;

use aei_runner::core::host::Host;
use aei_runner::core::report::{CaseReport, CaseSource, Report, StepReport};
use aei_runner::{
    CancelToken, Engine, LocalHost, Plan, PlanError, Run, RunFolder, RunOptions, load,
};

/// A template in a folder of its own.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) options: RunOptions,
    pub(crate) cancel: CancelToken,
}

impl Bench {
    pub(crate) fn new(template: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("t.aei.yaml"), template).unwrap();
        let options = RunOptions { jobs: 2, ..RunOptions::default() };
        Self { folder, options, cancel: CancelToken::new() }
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn plan(&self) -> Result<Plan, PlanError> {
        let host: Arc<dyn Host> = Arc::new(LocalHost);
        let registry = aei_runner::registry();
        let (suite, _) = load(&self.path("t.aei.yaml"), &registry, host.as_ref())
            .unwrap_or_else(|error| panic!("{error}"));
        Plan::new(vec![suite], self.options.clone(), &host)
    }

    pub(crate) fn run(&self) -> Report {
        let plan = self.plan().unwrap_or_else(|error| panic!("{error}"));
        self.run_plan(plan)
    }

    pub(crate) fn run_plan(&self, plan: Plan) -> Report {
        let host: Arc<dyn Host> = Arc::new(LocalHost);
        let folder = RunFolder::create(&self.path("runs"), host.as_ref()).unwrap();
        let run =
            Run { plan, folder: Some(folder), sinks: Vec::new(), cancel: self.cancel.clone() };
        let mut outcome = Engine::new(aei_runner::registry(), host).run(run).unwrap();
        assert!(outcome.sink_errors.is_empty(), "{:?}", outcome.sink_errors);
        collect(outcome.report.as_mut())
    }

    /// The folder of the only run.
    pub(crate) fn run_folder(&self) -> std::path::PathBuf {
        std::fs::read_dir(self.path("runs")).unwrap().next().unwrap().unwrap().path()
    }
}

pub(crate) fn collect(source: &mut dyn CaseSource) -> Report {
    let mut cases = Vec::new();
    source
        .each_case(&mut |case| {
            cases.push(case.clone());
            Ok(())
        })
        .unwrap();
    Report { head: source.head().clone(), cases }
}

pub(crate) fn open(path: &Path) -> Report {
    collect(&mut RunFolder::open(path).unwrap())
}

/// `id status` of every case, in the order of the report.
pub(crate) fn statuses(report: &Report) -> Vec<String> {
    report.cases.iter().map(|case| format!("{} {}", case.id, case.status)).collect()
}

pub(crate) fn case<'a>(report: &'a Report, id: &str) -> &'a CaseReport {
    report.cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("no case {id}"))
}

/// `name status` of every step.
pub(crate) fn steps(steps: &[StepReport]) -> Vec<String> {
    steps.iter().map(|step| format!("{} {}", step.name, step.status)).collect()
}
