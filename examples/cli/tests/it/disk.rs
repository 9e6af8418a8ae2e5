#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use crate::program::{run, stderr, stdout};

fn template(dir: &Path) {
    let text = "aei: 1\ncases:\n  - id: a\n    steps:\n      - { uses: assert, with: { n: 1 } }\n";
    fs::write(dir.join("t.aei.yaml"), text).unwrap();
}

#[test]
fn a_report_on_a_full_disk_spoils_no_other() {
    let dir = tempfile::tempdir().unwrap();
    template(dir.path());
    let output = run(
        dir.path(),
        &["run", "t.aei.yaml", "--report", "html=/dev/full", "--report", "junit=ok.xml"],
    );
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write `/dev/full`"), "{}", stderr(&output));
    assert!(stdout(&output).contains("1 passed"), "{}", stdout(&output));
    assert!(fs::read_to_string(dir.path().join("ok.xml")).unwrap().contains("<testsuite"));
    let shown = run(dir.path(), &["report", "show"]);
    assert!(stdout(&shown).contains("1 passed"), "{}", stdout(&shown));
}

#[test]
fn a_report_where_no_file_can_be_keeps_the_results() {
    let dir = tempfile::tempdir().unwrap();
    template(dir.path());
    let output = run(dir.path(), &["run", "t.aei.yaml", "--report", "json=/proc/none/r.json"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write `/proc/none/r.json`"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(dir.path().join(".aei/runs")).unwrap().count(), 1);
}

#[test]
fn without_a_place_for_results_nothing_runs() {
    let dir = tempfile::tempdir().unwrap();
    template(dir.path());
    let output = run(dir.path(), &["run", "t.aei.yaml", "--out", "/proc/none"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("`--out DIR`"), "{}", stderr(&output));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "{ aei schema; echo $? >status; } | head -c 1 >/dev/null"]);
    crate::program::calm(&mut command, dir.path());
    let output = command.output().unwrap();
    assert_eq!(stderr(&output), "");
    assert_eq!(fs::read_to_string(dir.path().join("status")).unwrap(), "0\n");
}
