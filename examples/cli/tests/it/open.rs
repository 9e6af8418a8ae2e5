//! `aei report open`, with a stand-in for the desktop first on PATH.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use crate::program::{aei, run, stderr, stdout, until};

/// Opens the latest report where `xdg-open` is this script.
fn open(dir: &Path, script: &str) -> Output {
    let bin = dir.join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("xdg-open"), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(bin.join("xdg-open"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = aei(dir, &["report", "open"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    command.output().unwrap()
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let template = "aei: 1\ncases: [{ id: one, steps: [{ uses: assert }] }]\n";
    fs::write(dir.path().join("t.aei.yaml"), template).unwrap();
    let report = ["run", "t.aei.yaml", "--report", "json=a report.json"];
    assert!(run(dir.path(), &report).status.success());
    dir
}

#[test]
fn the_desktop_is_handed_the_whole_path_of_a_whole_page() {
    let dir = folder();
    let output = open(dir.path(), "printf '%s' \"$*\" >opened; cp \"$1\" page.html");
    assert!(output.status.success(), "{}", stderr(&output));
    let opened = fs::read_to_string(dir.path().join("opened")).unwrap();
    assert!(Path::new(&opened).is_absolute() && opened.ends_with("/report.html"), "{opened}");
    let page = fs::read_to_string(dir.path().join("page.html")).unwrap();
    assert!(page.trim_end().ends_with("</html>"), "{page}");
    assert!(stderr(&output).starts_with("opened ") && stdout(&output).is_empty());
}

#[test]
fn a_browser_in_the_foreground_is_not_waited_for() {
    let dir = folder();
    let output = open(dir.path(), "echo $$ >pid; exec sleep 600");
    assert!(output.status.success(), "{}", stderr(&output));
    let pid = fs::read_to_string(dir.path().join("pid")).unwrap().trim().parse().unwrap();
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    until("the browser's end", || nix::sys::signal::kill(pid, None).is_err());
}

#[test]
fn without_a_browser_the_path_is_printed() {
    let dir = folder();
    for output in [open(dir.path(), "exit 3"), {
        let mut command = aei(dir.path(), &["report", "open"]);
        command.env("PATH", "/nowhere").output().unwrap()
    }] {
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains("no browser could be started"), "{}", stderr(&output));
        let path = dir.path().join(stdout(&output).trim());
        assert!(fs::read_to_string(path).unwrap().contains("</html>"));
    }
}

#[test]
fn a_report_that_is_a_file_lies_beside_its_page() {
    let dir = folder();
    fs::write(dir.path().join("report.html"), "mine").unwrap();
    let output = run(dir.path(), &["report", "open", "a report.json", "--print"]);
    assert_eq!(stdout(&output), "a report.html\n");
    assert_eq!(fs::read_to_string(dir.path().join("report.html")).unwrap(), "mine");
}
