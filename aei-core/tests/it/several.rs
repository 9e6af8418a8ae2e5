//! Two reports and more: merging them, and telling them apart.

use aei_core::event::Status;
use aei_core::report::format::Format;
use aei_core::report::{CaseSource, Report, Slower, diff, merge};

use crate::formats::{read_back, written};
use crate::sample;

fn merged(reports: Vec<Report>) -> Report {
    let mut sources: Vec<Box<dyn CaseSource>> = Vec::new();
    for report in reports {
        sources.push(Box::new(report));
    }
    let mut all = merge(&mut sources).unwrap();
    read_back(&mut all)
}

/// The shard keeps the cases for which `keep` holds.
fn shard(keep: impl Fn(usize) -> bool) -> Report {
    let whole = sample::small();
    let mut at = 0;
    let mut cases = whole.cases;
    cases.retain(|_| {
        at += 1;
        keep(at - 1)
    });
    let mut head = whole.head;
    head.summary = aei_core::event::Summary::default();
    for suite in &mut head.suites {
        suite.summary = aei_core::event::Summary::default();
        suite.duration_us = 0;
    }
    sample::counted(head, cases)
}

#[test]
fn shards_make_the_whole() {
    let whole = sample::small();
    let all = merged(vec![shard(|at| at % 2 == 0), shard(|at| at % 2 == 1)]);
    assert_eq!(all.head, whole.head);
    let ids = |report: &Report| {
        let mut ids: Vec<_> =
            report.cases.iter().map(|case| (case.suite, case.id.clone())).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&all), ids(&whole));
    let places: Vec<u32> = all.cases.iter().map(|case| case.case.0).collect();
    assert_eq!(places, (0..10).collect::<Vec<_>>());
    assert!(all.cases.is_sorted_by_key(|case| case.suite), "suites stand together");
}

#[test]
fn a_rerun_replaces_what_it_ran() {
    let mut again = shard(|at| at == 2);
    again.cases[0].status = Status::Passed;
    again.cases[0].steps.clear();
    let all = merged(vec![sample::small(), again]);
    assert_eq!(all.cases.len(), 10);
    assert_eq!(all.head.summary.failed, 1);
    assert_eq!(all.head.summary.passed, 3);
    assert_eq!(all.cases.iter().find(|case| case.id == "pay").unwrap().status, Status::Passed);
    let mut all = all;
    assert!(written(&mut all, Format::Tap).contains("1..9"));
}

#[test]
fn differences_by_kind() {
    let mut before = sample::small();
    let mut after = sample::small();
    before.cases[2].status = Status::Passed;
    after.cases[4].status = Status::Passed;
    after.cases[1].duration_us = 5_000_000;
    before.cases.remove(9);
    after.cases.remove(3);
    let difference = diff(&mut before, &mut after, Slower::default()).unwrap();
    let ids = |list: &[aei_core::report::Change]| {
        list.iter().map(|change| change.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&difference.newly_failing), ["pay"]);
    assert_eq!(ids(&difference.fixed), ["export"]);
    assert_eq!(ids(&difference.still_failing), ["report", "rail[board=7]"]);
    assert_eq!(ids(&difference.slower), ["login[user=ann]"]);
    assert_eq!(ids(&difference.added), ["format"]);
    assert_eq!(ids(&difference.removed), ["search"]);
    assert!(difference.is_worse());
    insta::assert_snapshot!(difference.to_string());
    let json = serde_json::to_value(&difference).unwrap();
    assert_eq!(json["fixed"][0]["before"]["status"], "errored");
    let mut twin = before.clone();
    let same = diff(&mut before, &mut twin, Slower::default()).unwrap();
    assert!(!same.is_worse() && same.slower.is_empty() && same.added.is_empty());
}
