#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{aei, calm, stdout};

/// Two steps that last long enough for several drawings.
const SLOW: &str = r"
aei: 1
cases:
  - id: slow
    steps:
      - { name: first, uses: wait, with: { for: 400ms } }
      - { name: second, uses: assert, with: { n: 1 }, expect: [{ that: n, equals: 2 }] }
";

/// What `aei run` prints on a terminal of its own.
fn on_a_terminal(dir: &Path, before: &str, flags: &str) -> String {
    fs::write(dir.join("t.aei.yaml"), SLOW).unwrap();
    let line = format!("stty cols 60; {before} aei run t.aei.yaml {flags}");
    let mut command = Command::new("script");
    command.args(["-q", "-c", &line, "/dev/null"]);
    calm(&mut command, dir);
    stdout(&command.output().unwrap())
}

/// Whether a text sets colours or weights: `ESC [ … m`.
fn is_painted(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|part| {
        part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
    })
}

#[test]
fn progress_is_drawn_and_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    let shown = on_a_terminal(dir.path(), "", "");
    assert!(shown.contains(" 0/1"), "{shown:?}");
    assert!(shown.contains("slow › first"), "{shown:?}");
    let after = shown.rsplit("\u{1b}[J").next().unwrap();
    assert!(after.contains("1 failed") && !after.contains("0/1"), "{after:?}");
    assert!(is_painted(after), "{after:?}");
}

#[test]
fn colours_can_be_refused() {
    for (before, flags) in [("NO_COLOR=1", ""), ("", "--no-color"), ("TERM=dumb", "")] {
        let dir = tempfile::tempdir().unwrap();
        let shown = on_a_terminal(dir.path(), before, flags);
        assert!(shown.contains("✗ failed"), "{shown:?}");
        assert!(!is_painted(&shown), "{before}{flags}: {shown:?}");
    }
}

#[test]
fn colours_can_be_forced_into_a_pipe() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("t.aei.yaml"), SLOW).unwrap();
    let mut forced = aei(dir.path(), &["run", "t.aei.yaml"]);
    assert!(is_painted(&stdout(&forced.env("CLICOLOR_FORCE", "1").output().unwrap())));
    let mut plain = aei(dir.path(), &["run", "t.aei.yaml"]);
    assert!(!is_painted(&stdout(&plain.output().unwrap())));
}
