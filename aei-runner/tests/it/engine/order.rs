use super::{Bench, case, statuses};

#[test]
fn needs_are_waited_for_and_their_failure_skips() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - { id: last, needs: [middle], steps: [ { uses: shell, with: { run: echo last >> log } } ] }
  - { id: middle, needs: [first], steps: [ { uses: shell, with: { run: echo middle >> log } } ] }
  - { id: first, steps: [ { uses: shell, with: { run: echo first >> log } } ] }
  - { id: bad, steps: [ { uses: shell, with: { run: exit 1 } } ] }
  - { id: after-bad, needs: [bad], steps: [ { uses: shell, with: { run: echo no >> log } } ] }
  - { id: after-that, needs: [after-bad], steps: [ { uses: shell, with: { run: echo no >> log } } ] }
",
    );
    let report = bench.run();
    assert_eq!(bench.read("log"), "first\nmiddle\nlast\n");
    assert_eq!(
        statuses(&report),
        [
            "last passed",
            "middle passed",
            "first passed",
            "bad failed",
            "after-bad skipped",
            "after-that skipped"
        ]
    );
    let reason = |id| case(&report, id).reason.clone().unwrap();
    assert_eq!(reason("after-bad"), "needs `bad`, which failed");
    assert_eq!(reason("after-that"), "needs `after-bad`, which was skipped");
}

#[test]
fn every_combination_of_a_needed_case_must_pass() {
    let bench = Bench::new(
        r#"
aei: 1
cases:
  - id: many
    matrix: { n: [1, 2, 3] }
    steps: [ { uses: assert, with: { n: "${{ matrix.n }}" }, expect: [ { that: n, lt: 3 } ] } ]
  - { id: after, needs: [many], steps: [ { uses: assert, with: {} } ] }
"#,
    );
    let report = bench.run();
    assert_eq!(
        statuses(&report),
        ["many[n=1] passed", "many[n=2] passed", "many[n=3] failed", "after skipped"]
    );
    assert_eq!(case(&report, "after").reason.as_deref(), Some("needs `many[n=3]`, which failed"));
}

/// Each case says when it is in and out; two holders at once would show as `in in`.
#[test]
fn a_resource_is_held_by_one_case_at_a_time() {
    let mut bench = Bench::new(
        r"
aei: 1
cases:
  - id: c
    matrix: { n: [1, 2, 3, 4, 5, 6] }
    resources: [bench, psu]
    steps: [ { uses: shell, with: { run: echo in >> log; sleep 0.05; echo out >> log } } ]
",
    );
    bench.options.jobs = 6;
    let report = bench.run();
    assert_eq!(report.head.summary.passed, 6);
    assert_eq!(bench.read("log"), "in\nout\n".repeat(6));
}

#[test]
fn more_jobs_than_cores_run_side_by_side() {
    let mut bench = Bench::new(
        r"
aei: 1
cases:
  - id: c
    matrix: { n: [1, 2, 3, 4, 5, 6, 7, 8] }
    steps: [ { uses: shell, with: { run: 'touch in.$N; until [ $(ls in.* | wc -l) = 8 ]; do sleep 0.01; done', env: { N: '${{ matrix.n }}' } }, timeout: 20s } ]
",
    );
    bench.options.jobs = 8;
    let report = bench.run();
    assert_eq!(report.head.summary.passed, 8, "{report:#?}");
}

#[test]
fn a_seed_shuffles_the_starts_but_not_the_report() {
    let template = r"
aei: 1
cases:
  - id: c
    matrix: { n: [1, 2, 3, 4, 5, 6, 7, 8] }
    steps: [ { uses: shell, with: { run: 'printf $N >> log', env: { N: '${{ matrix.n }}' } } } ]
";
    let run = |seed| {
        let mut bench = Bench::new(template);
        bench.options.jobs = 1;
        bench.options.shuffle = seed;
        let report = bench.run();
        (bench.read("log"), statuses(&report), report.head.seed)
    };
    let plain = run(None);
    assert_eq!(plain.0, "12345678");
    let shuffled = run(Some(7));
    assert_ne!(shuffled.0, plain.0);
    assert_eq!(shuffled, run(Some(7)));
    assert_eq!(shuffled.1, plain.1);
    assert_eq!(shuffled.2, Some(7));
}

#[test]
fn matrices_multiply_and_take_in_and_leave_out() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - id: m
    name: ${{ matrix.user }} on ${{ matrix.os }}
    matrix:
      user: [ann, bob]
      os: [linux, mac]
      exclude: [ { user: bob, os: mac } ]
      include: [ { user: eve, os: bsd } ]
    steps: [ { uses: assert, with: {} } ]
  - id: f
    matrix: { from: users.csv }
    steps: [ { uses: assert, with: { u: '${{ matrix.user }}' }, expect: [ { that: u, matches: '^u' } ] } ]
",
    );
    std::fs::write(bench.path("users.csv"), "user,age\nu1,5\nu2,7\n").unwrap();
    let report = bench.run();
    let names: Vec<&str> = report.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names[..4], ["ann on linux", "ann on mac", "bob on linux", "eve on bsd"]);
    assert_eq!(report.cases[4].id, "f[user=u1, age=5]");
    assert_eq!(report.head.summary.passed, 6);
}

#[test]
fn fail_fast_starts_nothing_more() {
    let mut bench = Bench::new(
        r"
aei: 1
cases:
  - { id: a, steps: [ { uses: shell, with: { run: exit 1 } } ] }
  - { id: b, steps: [ { uses: assert, with: {} } ] }
",
    );
    bench.options.jobs = 1;
    bench.options.fail_fast = true;
    let report = bench.run();
    assert_eq!(statuses(&report), ["a failed", "b skipped"]);
    assert_eq!(
        case(&report, "b").reason.as_deref(),
        Some("not started, since `a` failed (fail fast)")
    );
}

#[test]
fn a_node_without_the_labels_skips() {
    let mut bench = Bench::new(
        r"
aei: 1
cases:
  - { id: here, requires: { os: linux }, steps: [ { uses: assert, with: {} } ] }
  - { id: there, requires: { os: plan9 }, steps: [ { uses: assert, with: {} } ] }
  - { id: lab, requires: { rig: psu }, steps: [ { uses: assert, with: {} } ] }
",
    );
    bench.options.node.insert("os".to_owned(), "linux".to_owned());
    let report = bench.run();
    assert_eq!(statuses(&report), ["here passed", "there skipped", "lab skipped"]);
    let reason = |id| case(&report, id).reason.clone().unwrap();
    assert_eq!(reason("there"), "requires os=plan9, but this node has os=linux");
    assert_eq!(reason("lab"), "requires rig=psu, a label that this node lacks");
}
