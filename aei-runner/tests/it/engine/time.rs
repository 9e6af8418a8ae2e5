use std::time::{Duration, Instant};

use super::{Bench, case, statuses, steps};

#[test]
fn a_case_has_its_time_and_teardown_time_of_its_own() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - id: slow
    timeout: 300ms
    steps: [ { name: long, uses: shell, with: { run: sleep 60 } }, { name: next, uses: assert, with: {} } ]
    teardown: [ { name: down, uses: shell, with: { run: echo down >> log } } ]
",
    );
    let began = Instant::now();
    let report = bench.run();
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(statuses(&report), ["slow timed_out"]);
    assert_eq!(steps(&report.cases[0].steps), ["long timed_out", "next skipped", "down passed"]);
    assert_eq!(
        report.cases[0].reason.as_deref(),
        Some("not done within 300ms, the timeout of the case")
    );
    assert_eq!(bench.read("log"), "down\n");
}

#[test]
fn retries_stop_when_the_case_has_no_time_left() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - id: c
    timeout: 300ms
    steps: [ { uses: assert, with: { a: 1 }, expect: [ { that: a, equals: 2 } ], retry: { attempts: 100, interval: 100ms } } ]
",
    );
    let report = bench.run();
    assert_eq!(statuses(&report), ["c timed_out"]);
    let step = &report.cases[0].steps[0];
    assert!(step.attempts > 1 && step.attempts < 10, "{}", step.attempts);
    assert!(!step.checks[0].passed);
}

#[test]
fn the_template_and_the_run_have_their_time() {
    let mut bench = Bench::new(
        r"
aei: 1
timeout: 300ms
cases:
  - { id: a, steps: [ { uses: wait, with: { for: 1m } } ] }
  - { id: b, steps: [ { uses: wait, with: { for: 1m } } ] }
  - { id: c, steps: [ { uses: wait, with: { for: 1m } } ] }
teardown: [ { uses: shell, with: { run: echo down >> log } } ]
",
    );
    let report = bench.run();
    let expected = ["a timed_out", "b timed_out", "c timed_out", "teardown passed"];
    assert_eq!(statuses(&report), expected);
    assert!(case(&report, "c").reason.as_ref().unwrap().ends_with("the timeout of the template"));
    bench.options.timeout = Some(Duration::from_millis(100));
    std::fs::remove_dir_all(bench.path("runs")).unwrap();
    let report = bench.run();
    assert!(case(&report, "c").reason.as_ref().unwrap().ends_with("the timeout of the run"));
}

#[test]
fn what_would_begin_too_late_does_not_begin_at_all() {
    let mut bench = Bench::new(
        r"
aei: 1
timeout: 300ms
cases:
  - { id: long, retries: 5, steps: [ { uses: wait, with: { for: 1m } } ] }
  - id: late
    retries: 5
    steps: [ { uses: wait, with: { for: 1m } } ]
    teardown: [ { uses: shell, with: { run: echo late >> log } } ]
teardown: [ { uses: shell, with: { run: echo down >> log } } ]
",
    );
    bench.options.jobs = 1;
    let report = bench.run();
    assert_eq!(statuses(&report), ["long timed_out", "late timed_out", "teardown passed"]);
    for id in ["long", "late"] {
        assert!(case(&report, id).earlier.is_empty(), "{:?}", case(&report, id).earlier);
    }
    assert!(case(&report, "late").steps.is_empty());
    assert_eq!(bench.read("log"), "down\n");
}
