#![cfg(unix)]

use std::fs;

use nix::sys::signal::Signal;

use crate::program::{Guarded, aei, lines_until};

#[test]
fn a_change_runs_again_and_a_mistake_does_not_end_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.aei.yaml");
    let template = |value: &str| {
        let check = format!("expect: [{{ that: n, equals: {value} }}]");
        let step = format!("uses: assert, with: {{ n: 1 }}, {check}");
        fs::write(&path, format!("aei: 1\ncases:\n  - id: a\n    steps:\n      - {{ {step} }}\n"))
            .unwrap();
    };
    template("1");
    let mut child = Guarded::spawn(aei(dir.path(), &["run", "t.aei.yaml", "--watch"]));
    let mut talk = child.stderr();
    lines_until(&mut talk, "watching for changes");
    template("22");
    lines_until(&mut talk, "watching for changes");
    fs::write(&path, "aei: 1\ncasez: []\n").unwrap();
    let told = lines_until(&mut talk, "watching for changes");
    assert!(told.contains("casez"), "{told}");
    template("1");
    lines_until(&mut talk, "watching for changes");
    child.signal(Signal::SIGINT);
    assert_eq!(child.code(), Some(0));
    let mut lines = String::new();
    std::io::Read::read_to_string(&mut child.0.stdout.take().unwrap(), &mut lines).unwrap();
    let verdicts: Vec<&str> = lines.lines().filter(|line| line.starts_with("1 case in")).collect();
    assert_eq!(verdicts.len(), 3, "{lines}");
    assert!(verdicts[1].contains("1 failed"), "{lines}");
}
