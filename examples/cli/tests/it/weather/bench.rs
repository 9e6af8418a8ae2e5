//! A folder for one storm: the program is run in it, and what it leaves is looked at.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Guarded, aei, until};

/// Far beyond every timeout in these tests: only what hangs takes so long.
pub(super) const WATCHDOG: Duration = Duration::from_mins(2);

/// The reports that every run here writes.
const REPORTS: [&str; 4] = ["--report", "json=r.json", "--report", "junit=r.xml"];

/// The variable that marks all processes of a bench.
const TAG: &str = "AEI_WEATHER";

pub(super) struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A bench with a template `t.aei.yaml`: `cases` between one case before and one after, which
    /// both pass, whatever the weather between them.
    pub(super) fn between(cases: &str) -> Self {
        let bench = Self::new();
        let calm = |id: &str| format!("  - {{ id: {id}, steps: [{{ uses: assert }}] }}\n");
        let text = format!("aei: 1\ncases:\n{}{cases}{}", calm("before"), calm("after"));
        bench.write("t.aei.yaml", text);
        bench
    }

    /// A bench with a case `storm` of one step, between two that pass.
    pub(super) fn step(step: &str) -> Self {
        Self::between(&format!("  - id: storm\n    steps:\n      - {step}\n"))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = aei(self.dir.path(), args);
        self.mark(&mut command);
        command
    }

    pub(super) fn mark(&self, command: &mut Command) {
        command.env(TAG, self.dir.path());
    }

    pub(super) fn start(&self, args: &[&str]) -> Guarded {
        Guarded::spawn(self.command(args))
    }

    /// Runs the program to its end. Nothing of it may be left then.
    pub(super) fn aei(&self, args: &[&str]) -> Ended {
        self.end(self.command(args))
    }

    /// Runs the template with reports.
    pub(super) fn run(&self) -> Ended {
        self.aei(&[&["run", "t.aei.yaml"], REPORTS.as_slice()].concat())
    }

    pub(super) fn end(&self, mut command: Command) -> Ended {
        let output = within_reason(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        self.nothing_is_left();
        Ended::new(output)
    }

    /// A process that was killed may need a moment to go.
    pub(super) fn nothing_is_left(&self) {
        until("the last process", || self.processes().is_empty());
    }

    /// The processes that bear this bench's mark, as pid and command line.
    pub(super) fn processes(&self) -> Vec<(u32, String)> {
        let mark = format!("{TAG}={}", self.dir.path().display());
        let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let marked = entries.filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let environ = fs::read(entry.path().join("environ")).ok()?;
            environ.split(|byte| *byte == 0).find(|entry| *entry == mark.as_bytes())?;
            let words = fs::read(entry.path().join("cmdline")).ok()?;
            Some((pid, String::from_utf8_lossy(&words).replace('\0', " ")))
        });
        marked.collect()
    }

    pub(super) fn report(&self) -> Report {
        let text = fs::read_to_string(self.path("r.json")).unwrap();
        let junit = fs::read_to_string(self.path("r.xml")).unwrap();
        let report = Report::of(&text);
        for id in report.0.keys() {
            assert!(junit.contains(&format!("name=\"{id}\"")), "no {id} in {junit}");
        }
        report
    }

    /// Asserts that `storm` ended so, for a reason that holds `words`, and that the cases around
    /// it passed.
    pub(super) fn storm_is(&self, status: &str, words: &str) -> Value {
        let report = self.report();
        report.assert(&[("before", "passed"), ("storm", status), ("after", "passed")]);
        let storm = report.0["storm"].clone();
        assert!(storm.to_string().contains(words), "no `{words}` in {storm:#}");
        storm
    }

    /// Runs the template, whose `storm` ends badly: so, with `words` on the terminal too.
    pub(super) fn assert_storm(&self, status: &str, words: &str) -> Value {
        let ended = self.run();
        ended.assert(1, &[words, "2 passed", "t.aei.yaml:6:9"]);
        self.storm_is(status, &words.replace('"', "\\\""))
    }

    /// The only folder of a run.
    pub(super) fn run_folder(&self) -> PathBuf {
        let mut runs = self.run_folders();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }

    /// The folders of all runs, the first one first.
    pub(super) fn run_folders(&self) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.path(".aei/runs")).unwrap();
        let mut runs: Vec<PathBuf> = runs.map(|entry| entry.unwrap().path()).collect();
        runs.sort();
        runs
    }
}

/// The cases of a JSON report.
pub(super) struct Report(BTreeMap<String, Value>);

impl Report {
    pub(super) fn of(text: &str) -> Self {
        let report: Value = serde_json::from_str(text).unwrap();
        let cases = report["cases"].as_array().unwrap().iter();
        Self(cases.map(|case| (case["id"].as_str().unwrap().to_owned(), case.clone())).collect())
    }

    pub(super) fn assert(&self, statuses: &[(&str, &str)]) {
        let found: Vec<(&str, &str)> = (self.0.iter())
            .map(|(id, case)| (id.as_str(), case["status"].as_str().unwrap()))
            .collect();
        let mut statuses = statuses.to_vec();
        statuses.sort_unstable();
        assert_eq!(found, statuses, "{:#?}", self.0);
    }
}

/// What a program that has ended said.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ended {
    fn new(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts the exit status, and words on either stream.
    pub(super) fn assert(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for word in words {
            let said = self.out.contains(word) || self.err.contains(word);
            assert!(said, "no `{word}` in {}\n{}", self.out, self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }
}

/// Kills what hangs, so that a test fails and does not wait for ever.
fn within_reason(command: &mut Command) -> Output {
    let child = command.spawn().unwrap();
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    let (done, watch) = mpsc::channel::<()>();
    let dog = std::thread::spawn(move || {
        let hangs = watch.recv_timeout(WATCHDOG) == Err(mpsc::RecvTimeoutError::Timeout);
        if hangs {
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        }
        hangs
    });
    let output = child.wait_with_output().unwrap();
    drop(done);
    assert!(!dog.join().unwrap(), "it hangs: {output:?}");
    output
}
