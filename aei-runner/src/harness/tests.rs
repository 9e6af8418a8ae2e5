use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::JoinHandle;

use aei_core::event::CaseRole;
use aei_core::host::Host;
use aei_core::load::{Suite, load};
use aei_core::runner::Registry;
use libtest_mimic::{Arguments, Trial};
use walkdir::WalkDir;

use super::interrupt::cancel_on_signals;
use super::results::{CaseName, Results};
use crate::{CancelToken, Engine, LocalHost, Plan, Rerun, Run, RunOptions};

/// Runs every case of the templates below a folder (or of one template) as a test.
///
/// What the command line asks for is taken from the process's arguments, as `cargo test` and
/// nextest give them.
pub fn main(templates: impl Into<PathBuf>) -> ExitCode {
    Harness::new(templates).main()
}

/// Templates as tests, with runners and options of one's own.
///
/// ```no_run
/// use aei_runner::harness::Harness;
///
/// fn main() -> std::process::ExitCode {
///     let mut options = aei_runner::RunOptions::default();
///     options.retries = Some(1);
///     Harness::new("tests/templates").options(options).main()
/// }
/// ```
pub struct Harness {
    templates: PathBuf,
    registry: Registry,
    options: RunOptions,
}

/// One test to be.
struct Test {
    name: String,
    case: CaseName,
}

impl Harness {
    /// The templates below a folder, with the built-in runners.
    pub fn new(templates: impl Into<PathBuf>) -> Self {
        Self {
            templates: templates.into(),
            registry: crate::registry(),
            options: RunOptions { node: crate::node_labels(), ..RunOptions::default() },
        }
    }

    /// Uses these runners.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// Runs with these options; which cases run is up to the command line.
    pub fn options(mut self, options: RunOptions) -> Self {
        self.options = options;
        self
    }

    /// Does what the command line asks for.
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        let host: Arc<dyn Host> = Arc::new(LocalHost);
        let results = Arc::new(Results::default());
        let (tests, mut trials) = self.tests(&host);
        let mut chosen = BTreeSet::new();
        for test in tests {
            let (results, case) = (Arc::clone(&results), test.case.clone());
            let trial = Trial::ignorable_test(test.name, move || results.wait_for(&case));
            if !arguments.is_filtered_out(&trial) {
                chosen.insert(test.case);
            }
            trials.push(trial);
        }
        if arguments.list || chosen.is_empty() {
            return libtest_mimic::run(&arguments, trials).exit_code();
        }
        let run = self.start(chosen, arguments.test_threads, host, &results);
        let conclusion = libtest_mimic::run(&arguments, trials);
        // Teardown may still be at work.
        let _ = run.join();
        let troubles = results.troubles();
        if troubles.is_empty() {
            return conclusion.exit_code();
        }
        complain(&troubles);
        ExitCode::from(101)
    }

    /// The cases of all templates; a template that cannot run is a test that fails.
    fn tests(&self, host: &Arc<dyn Host>) -> (Vec<Test>, Vec<Trial>) {
        let files = templates(&self.templates);
        let (mut tests, mut broken) = (Vec::new(), Vec::new());
        if files.is_empty() {
            let folder = self.templates.display();
            let message = format!("there is no `*.aei.yaml`, `.yml` or `.json` below `{folder}`");
            broken.push(failing("templates".to_owned(), message));
        }
        for file in files {
            let stem = self.stem(&file);
            let planned = self.load(&file, &**host).and_then(|suite| {
                Plan::new(vec![suite], self.options.clone(), host)
                    .map_err(|error| error.to_string())
            });
            match planned {
                Err(message) => broken.push(failing(stem, message)),
                Ok(plan) => {
                    let cases = plan.cases().filter(|case| case.role == CaseRole::Case);
                    tests.extend(cases.map(|case| Test {
                        name: format!("{stem}::{}", on_one_line(&case.id)),
                        case: (case.file, case.id),
                    }));
                }
            }
        }
        (tests, broken)
    }

    /// Starts one run of all chosen cases, on a thread of its own.
    fn start(
        self,
        chosen: BTreeSet<CaseName>,
        threads: Option<usize>,
        host: Arc<dyn Host>,
        results: &Arc<Results>,
    ) -> JoinHandle<()> {
        let results = Arc::clone(results);
        std::thread::spawn(move || {
            let ended = self.run(chosen, threads, host, &results);
            results.over(ended.err());
        })
    }

    fn run(
        self,
        chosen: BTreeSet<CaseName>,
        threads: Option<usize>,
        host: Arc<dyn Host>,
        results: &Arc<Results>,
    ) -> Result<(), String> {
        let files: BTreeSet<&str> = chosen.iter().map(|(file, _)| file.as_str()).collect();
        let suites: Vec<Suite> = files
            .into_iter()
            .map(|file| self.load(Path::new(file), &*host))
            .collect::<Result<_, _>>()?;
        let mut options = self.options;
        options.jobs = threads.unwrap_or(options.jobs);
        options.rerun = Some(Rerun::Only(chosen));
        let plan = Plan::new(suites, options, &host).map_err(|error| error.to_string())?;
        let cancel = CancelToken::new();
        let _listening = cancel_on_signals(cancel.clone());
        let run = Run { plan, folder: None, sinks: vec![results.sink()], cancel };
        Engine::new(self.registry, host).run(run).map(drop).map_err(|error| error.to_string())
    }

    fn load(&self, file: &Path, host: &dyn Host) -> Result<Suite, String> {
        let loaded = load(file, &self.registry, host);
        loaded.map(|(suite, _warnings)| suite).map_err(|error| error.to_string())
    }

    /// `sub/login.aei.yaml` → `sub/login`.
    fn stem(&self, file: &Path) -> String {
        let below = file.strip_prefix(&self.templates).ok().filter(|p| !p.as_os_str().is_empty());
        let below = below.or_else(|| file.file_name().map(Path::new)).unwrap_or(file);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let name = parts.join("/");
        let plain = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
        plain.unwrap_or(&name).to_owned()
    }
}

#[expect(clippy::print_stderr, reason = "a test harness speaks to the terminal")]
fn complain(troubles: &[String]) {
    for trouble in troubles {
        eprintln!("{trouble}");
    }
}

fn failing(name: String, message: String) -> Trial {
    Trial::test(name, move || Err(message.into()))
}

/// Names go one a line in lists, and come back from there.
fn on_one_line(id: &str) -> String {
    let escape = |c: char| {
        if c.is_control() { c.escape_default().to_string() } else { c.to_string() }
    };
    id.chars().map(escape).collect()
}

const ENDINGS: [&str; 3] = [".aei.yaml", ".aei.yml", ".aei.json"];

/// The templates below a folder, sorted; a file is one by itself.
fn templates(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let is_template =
        |name: &std::ffi::OsStr| ENDINGS.iter().any(|end| name.to_string_lossy().ends_with(end));
    WalkDir::new(path)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && is_template(entry.file_name()))
        .map(walkdir::DirEntry::into_path)
        .collect()
}
