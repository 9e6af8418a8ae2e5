#![cfg(unix)]

use std::fs;
use std::path::Path;

use nix::sys::signal::Signal;

use crate::program::{Guarded, aei, lines_until, until};

/// Says when it has begun, then sleeps as long as nobody stops it. Its teardown leaves a file.
const SLEEPER: &str = r#"
aei: 1
cases:
  - id: sleeper
    steps:
      - uses: shell
        with: { run: "touch begun; exec sleep 600" }
    teardown:
      - uses: shell
        with: { run: "touch torn-down; TEARDOWN" }
  - id: never
    needs: [sleeper]
    steps:
      - { uses: assert }
"#;

fn start(dir: &Path, teardown: &str) -> Guarded {
    fs::write(dir.join("t.aei.yaml"), SLEEPER.replace("TEARDOWN", teardown)).unwrap();
    let child = Guarded::spawn(aei(dir, &["run", "t.aei.yaml", "--report", "json=r.json"]));
    until("the first step", || dir.join("begun").exists());
    child
}

#[test]
fn one_signal_cancels_and_runs_teardown() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let dir = tempfile::tempdir().unwrap();
        let mut child = start(dir.path(), "true");
        let mut talk = child.stderr();
        child.signal(signal);
        lines_until(&mut talk, "interrupted");
        assert_eq!(child.code(), Some(130));
        assert!(dir.path().join("torn-down").exists());
        let report = fs::read_to_string(dir.path().join("r.json")).unwrap();
        assert!(report.contains("cancelled"), "{report}");
    }
}

#[test]
fn a_second_signal_cuts_teardown_short() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = start(dir.path(), "exec sleep 600");
    let mut talk = child.stderr();
    child.signal(Signal::SIGINT);
    until("teardown", || dir.path().join("torn-down").exists());
    child.signal(Signal::SIGINT);
    lines_until(&mut talk, "interrupted again");
    assert_eq!(child.code(), Some(130));
}
