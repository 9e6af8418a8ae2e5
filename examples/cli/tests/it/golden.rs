//! A folder of `tests/cases/` is a test: its `cmd` is run by `sh` in a copy of the folder, and must
//! print what `stdout` and `stderr` hold and exit with what `exit` holds (nothing there: nothing
//! printed, status 0). `AEI_UPDATE_GOLDEN=1` writes these files anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::program::calm;

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

cases! {
    bad_flags
    bundle
    completions_and_man
    demo
    guide_policy
    help
    list
    new
    report
    report_diff
    run_failures
    run_folder
    run_inputs
    run_json
    run_machine_reports
    run_passes
    run_policy
    run_quiet
    run_select
    run_verbose
    runners
    schema
    sign
    validate
    validate_json
}

#[test]
fn every_folder_is_a_test() {
    let mut folders: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(folders, names);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

const RESULTS: [&str; 3] = ["stdout", "stderr", "exit"];

fn check(name: &str) {
    let case = root().join(name);
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().canonicalize().unwrap();
    copy(&case, &dir);
    let mut command = Command::new("sh");
    command.arg("cmd").env("EXAMPLES", Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
    calm(&mut command, &dir);
    let output = command.output().unwrap();
    let exit = output.status.code().unwrap();
    let found = [
        steady(&String::from_utf8(output.stdout).unwrap(), &dir),
        steady(&String::from_utf8(output.stderr).unwrap(), &dir),
        if exit == 0 { String::new() } else { format!("{exit}\n") },
    ];
    for (file, found) in RESULTS.iter().zip(found) {
        let path = case.join(file);
        if std::env::var_os("AEI_UPDATE_GOLDEN").is_some() {
            update(&path, &found);
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            expected == found,
            "{name}/{file} differs\n--- expected\n{expected}\n--- found\n{found}"
        );
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else if !RESULTS.iter().any(|name| entry.file_name() == *name) {
            fs::copy(path, target).unwrap();
        }
    }
}

fn update(path: &Path, found: &str) {
    if found.is_empty() {
        let _ = fs::remove_file(path);
    } else {
        fs::write(path, found).unwrap();
    }
}

/// The text without what changes from run to run.
fn steady(text: &str, dir: &Path) -> String {
    let text = text.replace(&dir.display().to_string(), "<dir>");
    let filters = [
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>"),
        (r" *\b[0-9]+(\.[0-9]+)? (µs|ms|s)\b", " <time>"),
        (r"127\.0\.0\.1:[0-9]+", "127.0.0.1:<port>"),
        (r#""(duration_us|duration_ms|time)": ?[0-9.]+"#, "\"$1\": <time>"),
        (r#"time="[0-9.]+""#, "time=\"<time>\""),
        (r"duration_ms: [0-9.]+", "duration_ms: <time>"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.+Z-]+", "<at>"),
    ];
    filters.iter().fold(text, |text, (pattern, with)| {
        Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
    })
}
