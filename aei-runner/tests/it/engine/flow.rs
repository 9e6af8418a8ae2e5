use aei_runner::core::event::Status;
use serde_json::json;

use super::{Bench, case, statuses, steps};

#[test]
fn captures_flow_from_step_to_step_with_their_types() {
    let bench = Bench::new(
        r#"
aei: 1
cases:
  - id: flow
    steps:
      - id: first
        uses: assert
        with: { user: { name: ann, age: 41 }, list: [1, 2] }
        capture: { age: user.age, all: user }
      - uses: assert
        with: { next: "${{ vars.age + 1 }}", user: "${{ vars.all }}", text: "is ${{ vars.age }}" }
        expect:
          - { that: next, equals: 42 }
          - { that: user.name, equals: ann }
          - { that: text, equals: is 41 }
      - uses: assert
        with: { list: "${{ steps.first.list }}" }
        expect: [ { that: list, length: 2 } ]
"#,
    );
    let report = bench.run();
    assert_eq!(statuses(&report), ["flow passed"], "{:#?}", report.cases[0].steps);
    assert_eq!(report.cases[0].steps[0].captured["age"], json!(41));
}

#[test]
fn a_failed_step_ends_the_case_and_all_its_checks_are_told() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - id: bad
    steps:
      - { name: one, uses: assert, with: { n: 1 }, expect: [ { that: n, equals: 2 }, { that: n, gt: 5 }, { that: n, lt: 5 } ] }
      - { name: two, uses: assert, with: {} }
  - id: goes-on
    steps:
      - { name: one, uses: assert, with: { n: 1 }, continue_on_failure: true, expect: [ { that: n, equals: 2 } ] }
      - { name: two, uses: assert, with: {} }
",
    );
    let report = bench.run();
    assert_eq!(statuses(&report), ["bad failed", "goes-on failed"]);
    let checks: Vec<bool> = report.cases[0].steps[0].checks.iter().map(|c| c.passed).collect();
    assert_eq!(checks, [false, false, true]);
    assert_eq!(steps(&report.cases[0].steps), ["one failed", "two skipped"]);
    assert_eq!(steps(&report.cases[1].steps), ["one failed", "two passed"]);
    assert_eq!(report.head.status, Status::Failed);
    assert_eq!((report.head.summary.failed, report.head.summary.total), (2, 2));
}

#[test]
fn setup_and_teardown_surround_cases_and_the_template() {
    let bench = Bench::new(
        r#"
aei: 1
setup: [ { uses: shell, with: { run: "echo T+ >> log; echo seed" }, capture: { seed: stdout } } ]
cases:
  - id: good
    setup: [ { uses: shell, with: { run: echo c+ >> log } } ]
    steps: [ { uses: assert, with: { seed: "${{ vars.seed }}" }, expect: [ { that: seed, contains: seed } ] } ]
    teardown: [ { uses: shell, with: { run: echo c- >> log } } ]
  - id: broken
    needs: [good]
    setup: [ { uses: shell, with: { run: exit 3 } } ]
    steps: [ { uses: shell, with: { run: echo never >> log } } ]
    teardown:
      - { uses: shell, with: { run: exit 1 } }
      - { uses: shell, with: { run: echo d- >> log } }
teardown: [ { uses: shell, with: { run: echo T- >> log } } ]
"#,
    );
    let report = bench.run();
    assert_eq!(
        statuses(&report),
        ["setup passed", "good passed", "broken failed", "teardown passed"]
    );
    assert_eq!(bench.read("log"), "T+\nc+\nc-\nd-\nT-\n");
    assert_eq!(report.head.summary.total, 2);
}

#[test]
fn a_failed_template_setup_skips_the_cases_but_not_the_teardown() {
    let bench = Bench::new(
        r"
aei: 1
setup: [ { uses: shell, with: { run: exit 1 } } ]
cases: [ { id: a, steps: [ { uses: assert, with: {} } ] } ]
teardown: [ { uses: shell, with: { run: echo down >> log } } ]
",
    );
    let report = bench.run();
    assert_eq!(statuses(&report), ["setup failed", "a skipped", "teardown passed"]);
    assert_eq!(
        case(&report, "a").reason.as_deref(),
        Some("not started, since the template's setup failed")
    );
    assert_eq!(bench.read("log"), "down\n");
}

#[test]
fn blocks_unfold_with_inputs_of_their_own() {
    let bench = Bench::new(
        r#"
aei: 1
inputs: { who: { default: outer } }
blocks:
  greet:
    inputs: { who: {}, times: { type: integer, default: 2 } }
    steps:
      - { name: say, uses: assert, with: { text: "hello ${{ inputs.who }} x${{ inputs.times }}" }, capture: { said: text } }
  twice:
    inputs: { who: {} }
    steps:
      - { name: inner, uses: "block:greet", with: { who: "${{ inputs.who }}!" } }
cases:
  - id: calls
    steps:
      - { name: call, uses: "block:twice", with: { who: bob }, expect: [ { that: said, equals: hello bob! x2 } ] }
      - { name: after, uses: assert, with: { said: "${{ vars.said }}", who: "${{ inputs.who }}" }, expect: [ { that: said, equals: hello bob! x2 }, { that: who, equals: outer } ] }
"#,
    );
    let report = bench.run();
    assert_eq!(
        steps(&report.cases[0].steps),
        ["call › inner › say passed", "call passed", "after passed"],
        "{report:#?}"
    );
}

#[test]
fn a_block_called_twice_gives_the_same_capture_twice() {
    let bench = Bench::new(
        r#"
aei: 1
blocks:
  login:
    steps: [ { uses: assert, with: { token: abc }, capture: { token: token } } ]
cases:
  - id: twice
    steps:
      - { uses: "block:login", expect: [ { that: token, equals: abc } ] }
      - { uses: "block:login", expect: [ { that: token, equals: abc } ] }
"#,
    );
    assert_eq!(statuses(&bench.run()), ["twice passed"]);
}

#[test]
fn conditions_skip_steps_and_cases_with_their_reason() {
    let bench = Bench::new(
        r#"
aei: 1
inputs: { deep: { type: boolean, default: false } }
cases:
  - { id: off, if: inputs.deep, steps: [ { uses: assert, with: {} } ] }
  - id: part
    steps:
      - { name: a, uses: assert, with: {}, if: "${{ not inputs.deep }}" }
      - { name: b, uses: assert, with: {}, if: inputs.deep }
  - { id: empty, steps: [ { uses: assert, with: {}, if: inputs.deep } ] }
"#,
    );
    let report = bench.run();
    assert_eq!(statuses(&report), ["off skipped", "part passed", "empty skipped"]);
    assert_eq!(case(&report, "off").reason.as_deref(), Some("`if: inputs.deep` is false"));
    assert_eq!(steps(&case(&report, "part").steps), ["a passed", "b skipped"]);
}

#[test]
fn a_capture_that_finds_nothing_fails_the_step() {
    let bench = Bench::new(
        "aei: 1\ncases: [ { id: c, steps: [ { uses: assert, with: { a: 1 }, capture: { x: $.b } } ] } ]\n",
    );
    let report = bench.run();
    assert_eq!(statuses(&report), ["c failed"]);
    let failure = report.cases[0].steps[0].failure.as_ref().unwrap();
    assert_eq!(failure.message, "cannot capture `x`: found nothing at `$.b` in the outcome");
    assert!(failure.location.is_some());
}

#[test]
fn defaults_fill_with_and_timeouts() {
    let bench = Bench::new(
        r"
aei: 1
defaults: { timeout: 200ms, with: { shell: { env: { A: one, B: two } } } }
cases:
  - { id: merged, steps: [ { uses: shell, with: { run: 'echo $A $B', env: { B: own } }, expect: [ { that: stdout, contains: one own } ] } ] }
  - { id: slow, steps: [ { uses: wait, with: { for: 1m } } ] }
",
    );
    let report = bench.run();
    assert_eq!(statuses(&report), ["merged passed", "slow timed_out"]);
    assert_eq!(
        case(&report, "slow").reason.as_deref(),
        Some("not done within 200ms, the timeout of the step")
    );
}

#[test]
fn a_derived_name_shows_the_values_that_were_sent() {
    let bench = Bench::new(
        r#"
aei: 1
blocks:
  order:
    inputs: { number: { type: string } }
    steps: [ { uses: assert, with: { number: "${{ inputs.number }}" } } ]
cases:
  - id: a
    steps:
      - { uses: assert, with: { id: "${{ uuid() }}", n: [ "${{ 1 + 2 }}" ], at: "${{ now() }}" } }
      - { uses: block:order, with: { number: "n-${{ uuid() }}" } }
      - { uses: assert, if: "false", with: { id: "${{ case.id }}" } }
"#,
    );
    let report = bench.run();
    let [plain, inner, skipped] = report.cases[0].steps.as_slice() else { panic!("{report:?}") };
    let sent = plain.outcome["id"].as_str().unwrap();
    assert_eq!(plain.name, format!("assert {sent} 3"));
    let sent = inner.outcome["number"].as_str().unwrap();
    assert_eq!(inner.name, format!("block:order {sent} › assert {sent}"));
    assert_eq!(skipped.name, "assert a");
}

#[test]
fn a_file_that_is_looked_at_is_there_unless_the_step_says_otherwise() {
    for (step, passes) in [
        ("with: { path: none }", false),
        ("with: { path: none }, expect: [{ that: text, contains: a }]", false),
        ("with: { path: none }, expect: [{ that: exists, equals: false }]", true),
        ("with: { path: none }, expect: [{ that: text, exists: false }]", false),
        ("with: { path: none, delete: true }", true),
        ("with: { path: t.aei.yaml }", true),
        ("with: { path: t.aei.yaml, copy_to: copy }", true),
        ("with: { path: t.aei.yaml, move_to: moved }", true),
        ("with: { path: t.aei.yaml, delete: true }", true),
        ("with: { path: new/folder, mkdir: true }", true),
        ("with: { glob: '*.none' }", true),
        ("with: { glob: '*.none' }, expect: [{ that: files, length: 0 }]", true),
        ("with: { glob: '*.none' }, expect: [{ that: exists, equals: true }]", false),
    ] {
        let template =
            format!("aei: 1\ncases:\n  - id: a\n    steps: [{{ uses: file, {step} }}]\n");
        let report = Bench::new(&template).run();
        let status = if passes { Status::Passed } else { Status::Failed };
        assert_eq!(report.cases[0].status, status, "{step}");
    }
}
