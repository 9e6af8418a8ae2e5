//! Kinds, times and variables, and how a refusal spreads.

use aei_core::event::Status;

use super::Node;
use crate::engine::{case, statuses, steps};

fn only(kinds: &str, more: &str) -> Node {
    Node::with(&format!("[kinds]\nallow = [{kinds}]\n{more}"))
}

#[test]
fn a_refused_step_refuses_its_case_and_its_run() {
    let node = only("\"assert\"", "[files]\nread = [\"{template}\"]\n");
    let blocks = "aei: 1\nblocks: { far: { steps: [{ uses: wait, with: { for: 1ms } }] } }";
    node.write("t/blocks.yaml", blocks);
    let report = node.run(
        "include: [blocks.yaml]\n\
         blocks: { near: { steps: [{ uses: wait, with: { for: 1ms } }] } }\n\
         cases:\n\
         \x20 - { id: good, steps: [{ uses: assert }] }\n\
         \x20 - { id: plain, retries: 3, steps: [{ uses: wait, with: { for: 1ms }, retry: { attempts: 5 } }, { uses: assert }], teardown: [{ uses: wait, with: { for: 1ms } }] }\n\
         \x20 - { id: near, steps: [{ uses: 'block:near' }] }\n\
         \x20 - { id: far, steps: [{ uses: 'block:far' }] }\n\
         \x20 - { id: needs, needs: [plain], steps: [{ uses: assert }] }\n",
    );
    let expected = ["good passed", "plain refused", "near refused", "far refused", "needs skipped"];
    assert_eq!(statuses(&report), expected);
    let plain = case(&report, "plain");
    assert!(plain.earlier.is_empty());
    assert_eq!(steps(&plain.steps)[0], "wait 1ms refused");
    let failure = plain.steps[0].failure.as_ref().unwrap();
    assert!(failure.message.starts_with("the step runner `wait` is not allowed ("));
    assert!(failure.message.ends_with("policy.toml:2: kinds.allow)"), "{}", failure.message);
    assert!(failure.help.as_deref().unwrap().contains("administrator"));
    let location = failure.location.as_ref().unwrap();
    assert_eq!((location.line, location.column), (6, 46));
    assert_eq!(report.head.status, Status::Refused);
}

#[test]
fn times_are_cut_to_what_is_allowed() {
    let wait =
        "cases: [{ id: a, timeout: 1h, steps: [{ uses: wait, timeout: 1h, with: { for: 1h } }] }]";
    for (time, said) in [
        (
            "step",
            "not done within 50ms, the longest time of a step by the node's policy (line 4: time.step)",
        ),
        (
            "case",
            "not done within 50ms, the longest time of a case by the node's policy (line 4: time.case)",
        ),
        (
            "run",
            "not done within 50ms, the longest time of a run by the node's policy (line 4: time.run)",
        ),
    ] {
        let report = only("\"wait\"", &format!("[time]\n{time} = \"50ms\"\n")).run(wait);
        let step = &report.cases[0].steps[0];
        assert_eq!(step.status, Status::TimedOut);
        assert_eq!(step.failure.as_ref().unwrap().message, said);
    }
}

#[test]
fn teardown_does_not_go_on_for_ever() {
    let node = only("\"wait\"", "[time]\nrun = \"50ms\"\n");
    let long = "[{ uses: wait, with: { for: 3s } }]";
    let report =
        node.run(&format!("cases: [{{ id: a, steps: [{{ uses: wait, with: {{ for: 1ms }} }}], teardown: {long} }}]\nteardown: {long}"));
    assert_eq!(statuses(&report), ["a timed_out", "teardown timed_out"]);
}

#[test]
fn variables_are_read_only_when_they_may() {
    let node = only("\"assert\"", "[environment]\nread = [\"PA*\"]\n");
    let text = "env: [PATH]\ncases: [{ id: a, steps: [{ uses: assert, with: { p: \"${{ env.PATH }}\" }, expect: [{ that: p, contains: / }] }] }]";
    assert_eq!(statuses(&node.run(text)), ["a passed"]);
    let said = node
        .load("env: [PATH, HOME]\ncases: [{ id: a, steps: [{ uses: assert }] }]")
        .err()
        .unwrap();
    assert!(said.contains("reading the environment variable `HOME` is not allowed"), "{said}");
    assert!(
        said.contains("policy.toml:4: environment.read") && said.contains("t.aei.yaml:2:13"),
        "{said}"
    );
}
