//! `--rerun-failed`: what is run again, and what is said when there is nothing to.

use std::fs;
use std::path::Path;

use crate::program::{run, stderr, stdout};

/// The cases of the rerun of a run of `template`, with its exit status.
fn rerun(template: &str, flags: &[&str], again: &[&str]) -> (Vec<String>, Option<i32>, String) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("t.aei.yaml"), template).unwrap();
    let report = |args: &[&str], name: &str| {
        let output = run(dir.path(), args);
        (ids(&dir.path().join(name)), output)
    };
    report(&[&["run", "t.aei.yaml", "--report", "json=1.json"], flags].concat(), "1.json");
    let args = ["run", "--report", "json=2.json", "--rerun-failed", "latest"];
    let (ids, output) = report(&[&args, again].concat(), "2.json");
    (ids, output.status.code(), stdout(&output) + &stderr(&output))
}

fn ids(report: &Path) -> Vec<String> {
    let Ok(text) = fs::read_to_string(report) else { return Vec::new() };
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = report["cases"].as_array().unwrap().iter();
    cases.map(|case| case["id"].as_str().unwrap().to_owned()).collect()
}

const FAILS: &str = "steps: [{ uses: assert, with: { n: 1 }, expect: [{ that: n, equals: 2 }] }]";
const PASSES: &str = "steps: [{ uses: assert }]";

#[test]
fn what_was_skipped_because_of_a_failure_is_run_with_it() {
    let template = format!(
        "aei: 1\ncases:\n  - {{ id: good, {PASSES} }}\n  - {{ id: bad, {FAILS} }}\n  \
         - {{ id: needs, needs: [bad], {PASSES} }}\n"
    );
    let (cases, ..) = rerun(&template, &[], &["t.aei.yaml"]);
    assert_eq!(cases, ["bad", "needs"]);
    // A template that is named in another way is still the same.
    let (cases, ..) = rerun(&template, &["--fail-fast"], &["./t.aei.yaml"]);
    assert_eq!(cases, ["bad", "needs"]);
}

#[test]
fn all_that_a_failed_setup_kept_from_running_is_run() {
    let setup = FAILS.replace("steps", "setup");
    let template = format!("aei: 1\n{setup}\ncases:\n  - {{ id: good, {PASSES} }}\n");
    let (cases, ..) = rerun(&template, &[], &["t.aei.yaml"]);
    assert_eq!(cases, ["setup", "good"]);
}

#[test]
fn a_run_without_a_failed_case_has_nothing_to_run_again() {
    let good = format!("cases:\n  - {{ id: good, {PASSES} }}\n");
    for (before, words) in [
        ("", "nothing failed in that run of `t`"),
        (&*FAILS.replace("steps", "teardown"), "no case failed, but its teardown did"),
    ] {
        let template = format!("aei: 1\n{before}\n{good}");
        let (cases, status, said) = rerun(&template, &[], &["t.aei.yaml"]);
        assert_eq!((cases, status), (vec![], Some(2)), "{said}");
        assert!(said.contains(words), "{said}");
    }
}
