//! Disks that are full and folders that take nothing.

use std::fs;

use super::bench::{Bench, Report};

fn calm() -> Bench {
    Bench::step("{ uses: assert }")
}

#[test]
fn a_full_disk_for_reports() {
    let bench = calm();
    bench.write("old.json", "{}");
    for format in ["json", "ndjson", "junit", "html", "markdown", "tap", "ctrf", "github"] {
        let target = format!("{format}=/dev/full");
        let args = ["run", "t.aei.yaml", "--report", &target, "--report", "json=r.json"];
        let ended = bench.aei(&args);
        ended.assert(3, &["3 passed", "cannot write `/dev/full`: No space left"]);
        let report = Report::of(&fs::read_to_string(bench.path("r.json")).unwrap());
        report.assert(&[("before", "passed"), ("storm", "passed"), ("after", "passed")]);
        bench.aei(&["report", "show"]).assert(0, &["3 passed"]);
    }
}

/// A limit on the size of files is how a disk gets full in a test: writing fails half-way.
fn short_of_space(bench: &Bench, line: &str) -> super::bench::Ended {
    let mut command = std::process::Command::new("sh");
    // The signal is ignored, so that the writer is told in words.
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f 64; exec {line}")]);
    crate::program::calm(&mut command, bench.folder());
    bench.mark(&mut command);
    bench.end(command)
}

#[test]
fn a_disk_that_fills_up_during_a_run() {
    let noise = "{ uses: shell, with: { run: \"head -c 500000 /dev/zero | tr '\\\\0' x\" } }";
    let bench = Bench::step(noise);
    let ended = short_of_space(&bench, "aei run t.aei.yaml --report junit=/dev/stderr");
    ended.assert(3, &["3 passed", "File too large"]);
    for id in ["before", "storm", "after"] {
        assert!(ended.err.contains(&format!("<testcase name=\"{id}\"")), "{}", ended.err);
    }
    let stored = bench.aei(&["report", "show"]);
    assert!(stored.out.contains("passed"), "{stored:?}");
}

#[test]
fn a_report_that_does_not_fit_spares_the_old_one() {
    let bench =
        Bench::step("{ uses: shell, with: { run: \"head -c 20000 /dev/zero | tr '\\\\0' x\" } }");
    bench.write("r.json", "old");
    bench.run().assert(0, &["3 passed"]);
    bench.write("r.html", "old");
    let line = "aei report convert r.json --to html=r.html --to junit=new.xml";
    let ended = short_of_space(&bench, line);
    ended.assert(3, &["cannot write `r.html`", "File too large"]);
    assert_eq!(fs::read_to_string(bench.path("r.html")).unwrap(), "old");
    assert!(fs::read_to_string(bench.path("new.xml")).unwrap().contains("after"));
    let names = fs::read_dir(bench.folder()).unwrap().map(|e| e.unwrap().file_name());
    assert!(names.filter(|name| name.to_string_lossy().contains(".r.html")).count() == 0);
}

#[test]
fn a_report_converted_onto_itself() {
    let bench = calm();
    bench.run().assert(0, &[]);
    let before = fs::read_to_string(bench.path("r.json")).unwrap();
    bench.aei(&["report", "convert", "r.json", "--to", "json=r.json"]).assert(0, &[]);
    assert_eq!(fs::read_to_string(bench.path("r.json")).unwrap(), before);
}

#[test]
fn a_read_only_folder_for_reports() {
    let bench = calm();
    bench.write("file", "");
    for place in ["/proc/none/r.json", "file/r.json", "."] {
        let ended = bench.aei(&["run", "t.aei.yaml", "--report", &format!("json={place}")]);
        ended.assert(3, &["3 passed", &format!("cannot write `{place}`")]);
    }
    let ended = bench.aei(&["run", "t.aei.yaml", "--report", "allure=file/allure"]);
    ended.assert(3, &["3 passed", "cannot write `file/allure`"]);
}

#[test]
fn a_read_only_current_folder() {
    let bench = calm();
    // Not even root can make a folder here.
    let template = bench.path("t.aei.yaml");
    let mut command = bench.command(&["run", template.to_str().unwrap()]);
    command.current_dir("/proc");
    bench.end(command).assert(3, &["cannot keep results in `.aei/runs", "`--out DIR`"]);
    let out = bench.path("elsewhere");
    let args = ["run", template.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let mut command = bench.command(&args);
    command.current_dir("/proc");
    bench.end(command).assert(0, &["3 passed"]);
    bench.write(".aei", "a file, where a folder is needed");
    bench.aei(&["run", "t.aei.yaml"]).assert(3, &["cannot keep results in `.aei/runs"]);
}

#[test]
fn a_run_folder_that_is_broken() {
    let bench = calm();
    bench.run().assert(0, &[]);
    let folder = bench.run_folder();
    let journal = fs::read(folder.join("events.ndjson")).unwrap();
    for half in [0, 1, journal.len() / 2, journal.len() - 1] {
        fs::write(folder.join("events.ndjson"), &journal[..half]).unwrap();
        let shown = bench.aei(&["report", "convert", "latest", "--to", "json"]);
        let code = if half < 2 { 2 } else { 0 };
        shown.assert(code, &[if code == 0 { "\"before\"" } else { "there is no run in" }]);
    }
    fs::write(folder.join("cases.ndjson"), b"\xff\xfe nonsense\n{\"case\":").unwrap();
    let shown = bench.aei(&["report", "convert", "latest", "--to", "json"]);
    shown.assert(0, &["\"before\""]);
    for nonsense in ["", "{", "[]", "{\"head\":{},\"cases\":[]}", "\u{0}"] {
        bench.write("n.json", nonsense);
        let shown = bench.aei(&["report", "convert", "n.json", "--to", "junit"]);
        shown.assert(2, &["cannot read the report `n.json`"]);
    }
}
