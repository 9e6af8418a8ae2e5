use aei_runner::core::event::Status;

use super::{Bench, statuses, steps};

#[test]
fn a_step_is_repeated_until_its_checks_hold() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - id: c
    steps:
      - name: poll
        uses: shell
        with: { run: 'echo x >> log; wc -l < log' }
        expect: [ { that: stdout_json, equals: 3 } ]
        retry: { attempts: 5, interval: 1ms, backoff: 2, max_interval: 3ms }
",
    );
    let report = bench.run();
    assert_eq!(statuses(&report), ["c passed"], "{report:#?}");
    assert_eq!(report.cases[0].steps[0].attempts, 3);
    assert!(!report.cases[0].flaky);
}

#[test]
fn a_step_that_never_holds_tells_its_last_try() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - id: c
    steps:
      - { uses: shell, with: { run: echo x >> log }, expect: [ { that: stdout, equals: y } ], retry: { attempts: 3, interval: 1ms } }
",
    );
    let report = bench.run();
    assert_eq!(report.cases[0].steps[0].attempts, 3);
    assert_eq!(report.cases[0].steps[0].checks.len(), 2);
    assert_eq!(bench.read("log").lines().count(), 3);
}

#[test]
fn a_pass_after_a_retry_of_the_case_is_flaky_and_keeps_the_first_try() {
    let mut bench = Bench::new(
        r"
aei: 1
cases:
  - id: c
    retries: 2
    steps:
      - { name: try, uses: shell, with: { run: 'echo x >> log; test $(wc -l < log) = 2' } }
    teardown: [ { name: down, uses: shell, with: { run: echo down >> downs } } ]
  - { id: never, steps: [ { uses: shell, with: { run: echo n >> nevers; exit 1 } } ] }
",
    );
    bench.options.retries = Some(1);
    let report = bench.run();
    assert_eq!(statuses(&report), ["c passed", "never failed"]);
    let case = &report.cases[0];
    assert!(case.flaky);
    assert_eq!(case.earlier.len(), 1);
    assert_eq!(case.earlier[0].status, Status::Failed);
    assert_eq!(steps(&case.earlier[0].steps), ["try failed", "down passed"]);
    assert_eq!(bench.read("downs").lines().count(), 2);
    assert_eq!(bench.read("nevers").lines().count(), 2);
    assert_eq!((report.head.summary.flaky, report.head.summary.passed), (1, 1));
}
