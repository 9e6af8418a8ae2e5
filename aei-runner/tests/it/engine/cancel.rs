use std::time::{Duration, Instant};

use aei_runner::core::event::Status;

use super::{Bench, case, statuses};

/// Calls `act` as soon as a file is there.
pub(super) fn when_there(path: std::path::PathBuf, act: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !path.exists() && Instant::now() < deadline {
            std::thread::yield_now();
        }
        act();
    });
}

const TEMPLATE: &str = r"
aei: 1
cases:
  - id: running
    steps: [ { uses: shell, with: { run: 'touch begun; sleep 60' } } ]
    teardown: [ { uses: shell, with: { run: 'echo case >> log; if [ -e hang ]; then touch hanging; sleep 60; fi' } } ]
  - { id: waiting, needs: [running], steps: [ { uses: assert, with: {} } ] }
teardown: [ { uses: shell, with: { run: echo template >> log } } ]
";

#[test]
fn a_cancel_stops_steps_and_runs_teardown() {
    let bench = Bench::new(TEMPLATE);
    let token = bench.cancel.clone();
    when_there(bench.path("begun"), move || token.cancel());
    let report = bench.run();
    assert_eq!(statuses(&report), ["running cancelled", "waiting cancelled", "teardown passed"]);
    assert_eq!(bench.read("log"), "case\ntemplate\n");
    assert_eq!(report.head.status, Status::Cancelled);
    assert_eq!(case(&report, "waiting").reason.as_deref(), Some("the run was cancelled"));
}

#[test]
fn a_kill_does_not_wait_for_teardown() {
    let bench = Bench::new(TEMPLATE);
    std::fs::write(bench.path("hang"), "").unwrap();
    let (first, second) = (bench.cancel.clone(), bench.cancel.clone());
    when_there(bench.path("begun"), move || first.cancel());
    when_there(bench.path("hanging"), move || second.kill());
    let began = Instant::now();
    let report = bench.run();
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(statuses(&report)[0], "running cancelled");
}
