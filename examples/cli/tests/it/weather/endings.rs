//! Runs that end as nobody planned, or that are not alone.

use std::fs;
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::bench::{Bench, Ended, Report};
use crate::program::{Guarded, calm, lines_until, until};

/// Waits for a file that nobody makes.
const WAITS: &str =
    "{ uses: shell, with: { run: \"touch begun; while [ ! -e go-on ]; do sleep 0.02; done\" } }";

#[test]
fn a_run_that_is_killed() {
    let bench = Bench::step(WAITS);
    let mut child = bench.start(&["run", "t.aei.yaml", "--jobs", "1"]);
    until("the storm", || bench.path("begun").exists());
    let journal = bench.run_folder().join("events.ndjson");
    until("the journal", || fs::read_to_string(&journal).unwrap_or_default().contains("\"storm\""));
    child.signal(Signal::SIGKILL);
    assert_eq!(child.code(), None);
    let ended = bench_without_child(&bench);
    let report = Report::of(&ended.out);
    report.assert(&[("before", "passed"), ("storm", "cancelled")]);
    assert!(ended.out.contains("\"complete\":false"), "{}", ended.out);
    let junit = bench.aei(&["report", "convert", "latest", "--to", "junit"]);
    junit.assert(0, &["name=\"before\"", "name=\"storm\""]);
    let show = bench.aei(&["report", "show"]);
    show.assert(1, &["1 passed", "1 cancelled", "the run was cut off", "storm"]);
    let rerun = bench.aei(&["run", "t.aei.yaml", "--rerun-failed", "latest"]);
    rerun.assert(0, &["2 passed"]);
    // All of both runs together.
    let folders: Vec<_> =
        bench.run_folders().iter().map(|path| path.display().to_string()).collect();
    let merge = ["report", "merge", &folders[0], &folders[1], "--to", "json"];
    let report = Report::of(&bench.aei(&merge).out);
    report.assert(&[("before", "passed"), ("storm", "passed"), ("after", "passed")]);
    bench.aei(&["run", "t.aei.yaml", "--rerun-failed", "latest"]).assert(2, &["nothing failed"]);
}

/// Nobody could stop the step of a run that was killed: it goes on, and ends by itself.
fn bench_without_child(bench: &Bench) -> Ended {
    bench.write("go-on", "");
    bench.aei(&["report", "convert", "latest", "--to", "json"])
}

/// A line of the shell in the bench's folder; its own status is that of the last command.
fn shell(bench: &Bench, line: &str) -> Ended {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    calm(&mut command, bench.folder());
    bench.mark(&mut command);
    bench.end(command)
}

#[test]
fn output_to_a_closed_pipe() {
    let failing = "{ uses: shell, with: { run: \"seq 100000; exit 1\" } }";
    let reports = "--report junit=r.xml --report json=r.json";
    for flags in ["", "-v", "--json", "--report tap", "--report html", "-v --report ndjson"] {
        let bench = Bench::step(failing);
        let run = format!("{{ aei run t.aei.yaml {flags} {reports}; echo $? >status; }}");
        let ended = shell(&bench, &format!("{run} | head -n 1"));
        ended.assert(0, &[]);
        bench.storm_is("failed", "exit_code");
        assert_eq!(fs::read_to_string(bench.path("status")).unwrap(), "1\n", "{flags}: {ended:?}");
        assert!(!ended.err.contains("error:"), "{flags}: {}", ended.err);
        let ended = shell(&bench, &format!("{run} 2>&1 | true"));
        ended.assert(0, &[]);
        assert_eq!(fs::read_to_string(bench.path("status")).unwrap(), "1\n", "{flags}");
        bench.storm_is("failed", "exit_code");
    }
}

#[test]
fn output_that_is_closed_from_the_beginning() {
    let bench = Bench::step("{ uses: shell, with: { run: \"exit 1\" } }");
    let line = "aei run t.aei.yaml --report json=r.json --report junit=r.xml >&- 2>&- <&-";
    assert_eq!(shell(&bench, line).code, Some(1));
    bench.storm_is("failed", "exit_code");
    let ended = shell(&bench, &line.replace(">&- 2>&- <&-", ">/dev/full"));
    ended.assert(3, &["standard output"]);
    bench.storm_is("failed", "exit_code");
}

#[test]
fn two_runs_in_the_same_folder() {
    let bench = Bench::step(
        "{ uses: shell, with: { run: \"touch $NAME; while [ ! -e a ] || [ ! -e b ]; do sleep 0.02; done\" }, timeout: 30s }",
    );
    let start = |name: &str| {
        let mut command = bench.command(&["run", "t.aei.yaml"]);
        command.args(["--report", &format!("json={name}.json")]).env("NAME", name);
        Guarded::spawn(command)
    };
    let mut both = [start("a"), start("b")];
    for child in &mut both {
        assert_eq!(child.code(), Some(0));
    }
    let runs = fs::read_dir(bench.path(".aei/runs")).unwrap().map(|entry| entry.unwrap().path());
    let runs: Vec<_> = runs.collect();
    assert_eq!(runs.len(), 2);
    for run in runs {
        bench.aei(&["report", "show", run.to_str().unwrap()]).assert(0, &["3 passed"]);
    }
    for name in ["a.json", "b.json"] {
        let report = Report::of(&fs::read_to_string(bench.path(name)).unwrap());
        report.assert(&[("before", "passed"), ("storm", "passed"), ("after", "passed")]);
    }
    bench.nothing_is_left();
}

#[test]
fn a_template_deleted_during_watch() {
    let bench = Bench::step("{ uses: assert }");
    let text = fs::read_to_string(bench.path("t.aei.yaml")).unwrap();
    let mut child = bench.start(&["run", "t.aei.yaml", "--watch"]);
    let mut talk = child.stderr();
    lines_until(&mut talk, "watching for changes");
    fs::remove_file(bench.path("t.aei.yaml")).unwrap();
    let told = lines_until(&mut talk, "watching for changes");
    assert!(told.contains("there is no `t.aei.yaml`"), "{told}");
    bench.write("t.aei.yaml", text.replace("after", "again"));
    lines_until(&mut talk, "watching for changes");
    child.signal(Signal::SIGINT);
    assert_eq!(child.code(), Some(0));
    bench.nothing_is_left();
    let latest = bench.aei(&["report", "convert", "latest", "--to", "tap"]);
    latest.assert(0, &["again"]);
}

#[test]
fn a_folder_deleted_during_watch() {
    let bench = Bench::new();
    fs::create_dir(bench.path("tests")).unwrap();
    let text = "aei: 1\ncases:\n  - { id: a, steps: [{ uses: assert }] }\n";
    bench.write("tests/t.aei.yaml", text);
    let mut child = bench.start(&["run", "tests", "--watch"]);
    let mut talk = child.stderr();
    lines_until(&mut talk, "watching for changes");
    fs::remove_dir_all(bench.path("tests")).unwrap();
    let told = lines_until(&mut talk, "watching for changes");
    assert!(told.contains("`tests`"), "{told}");
    fs::create_dir(bench.path("tests")).unwrap();
    bench.write("tests/t.aei.yaml", text);
    lines_until(&mut talk, "watching for changes");
    child.signal(Signal::SIGTERM);
    assert_eq!(child.code(), Some(0));
}

#[test]
fn a_folder_deleted_during_a_run() {
    let bench = Bench::step("{ uses: shell, with: { run: \"rm -rf .aei\" } }");
    let ended = bench.run();
    assert!([Some(0), Some(3)].contains(&ended.code), "{ended:?}");
    bench.storm_is("passed", "");
}

#[test]
fn an_interrupt_finds_all_children() {
    let noisy = "touch begun; setsid sleep 600 & (trap '' INT TERM; sleep 600) & sleep 600";
    let bench =
        Bench::step(&format!("{{ uses: shell, with: {{ run: \"{noisy}\", kill_after: 100ms }} }}"));
    let args = ["run", "t.aei.yaml", "-j1", "--report", "json=r.json", "--report", "junit=r.xml"];
    let mut child = bench.start(&args);
    until("the storm", || bench.path("begun").exists());
    child.signal(Signal::SIGINT);
    assert_eq!(child.code(), Some(130));
    bench.nothing_is_left();
    let report = bench.report();
    report.assert(&[("before", "passed"), ("storm", "cancelled"), ("after", "cancelled")]);
}

#[test]
fn a_terminal_that_goes_away() {
    let bench = Bench::step(WAITS);
    let child = bench.start(&["run", "t.aei.yaml"]);
    until("the storm", || bench.path("begun").exists());
    kill(Pid::from_raw(i32::try_from(child.0.id()).unwrap()), Signal::SIGHUP).unwrap();
    let mut child = child;
    assert_eq!(child.code(), Some(130));
    bench.nothing_is_left();
}

#[test]
fn a_case_named_like_a_pattern() {
    let bench =
        Bench::between("  - { id: m, matrix: { n: [1, 11] }, steps: [{ uses: assert }] }\n");
    // `m[n=1]` as a pattern would be `mn`, `m=` or `m1`.
    let listed = bench.aei(&["list", "t.aei.yaml", "--case", "m[n=1]"]);
    listed.assert(0, &["m[n=1]"]);
    assert!(!listed.out.contains("m[n=11]"), "{listed:?}");
    bench.aei(&["run", "t.aei.yaml", "--case", "m[n=1]"]).assert(0, &["1 passed"]);
    bench.aei(&["run", "t.aei.yaml", "--case", "m*"]).assert(0, &["2 passed"]);
    bench.aei(&["run", "t.aei.yaml", "--case", "n*"]).assert(2, &["`n*`"]);
}
