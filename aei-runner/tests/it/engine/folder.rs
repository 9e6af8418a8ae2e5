use std::io::Write;

use aei_runner::core::event::{Event, Status};
use aei_runner::core::report::Report;

use super::{Bench, open, statuses};

const TEMPLATE: &str = r#"
aei: 1
cases:
  - id: a
    retries: 1
    steps: [ { uses: shell, with: { run: 'echo hi; test -e again || { touch again; exit 1; }' } } ]
  - id: b
    matrix: { n: [1, 2, 3] }
    steps: [ { uses: assert, with: { n: "${{ matrix.n }}" }, expect: [ { that: n, lt: 3 } ] } ]
"#;

fn events(bench: &Bench) -> Vec<Event> {
    let journal = std::fs::read_to_string(bench.run_folder().join("events.ndjson")).unwrap();
    journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_folder_gives_the_report_again() {
    let bench = Bench::new(TEMPLATE);
    let report = bench.run();
    assert_eq!(open(&bench.run_folder()), report);
    assert_eq!(Report::from_events(&events(&bench)).unwrap(), report);
}

#[test]
fn events_are_numbered_without_gaps() {
    let bench = Bench::new(TEMPLATE);
    bench.run();
    for (place, event) in (0..).zip(events(&bench)) {
        assert_eq!(event.seq.0, place);
    }
}

/// A run killed at any byte of its journal, with any of its case reports on disk.
#[test]
fn a_killed_run_still_has_its_report() {
    let bench = Bench::new(TEMPLATE);
    let whole = bench.run();
    let folder = bench.run_folder();
    let journal = std::fs::read(folder.join("events.ndjson")).unwrap();
    let cases = std::fs::read(folder.join("cases.ndjson")).unwrap();
    let first_line = journal.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    for cut in (first_line..journal.len()).step_by(97) {
        for keep in [0, cases.len() / 2, cases.len()] {
            let killed = bench.path("killed");
            std::fs::create_dir_all(&killed).unwrap();
            std::fs::File::create(killed.join("events.ndjson"))
                .unwrap()
                .write_all(&journal[..cut])
                .unwrap();
            std::fs::write(killed.join("cases.ndjson"), &cases[..keep]).unwrap();
            let report = open(&killed);
            assert!(!report.head.complete);
            assert_eq!(report.head.summary.total, whole.head.summary.total);
            let ids: Vec<_> = report.cases.iter().map(|case| case.case).collect();
            assert!(ids.is_sorted(), "{ids:?}");
            for case in &report.cases {
                let same = &whole.cases[case.case.0 as usize];
                assert!(case == same || case.status == Status::Cancelled, "{case:?}");
            }
        }
    }
}

#[test]
fn without_a_folder_the_report_is_the_same() {
    use aei_runner::{Engine, LocalHost, Run};
    let bench = Bench::new(TEMPLATE);
    std::fs::write(bench.path("again"), "").unwrap();
    let run = Run {
        plan: bench.plan().unwrap(),
        folder: None,
        sinks: Vec::new(),
        cancel: bench.cancel.clone(),
    };
    let engine = Engine::new(aei_runner::registry(), std::sync::Arc::new(LocalHost));
    let mut outcome = engine.run(run).unwrap();
    let report = super::collect(outcome.report.as_mut());
    assert_eq!(statuses(&report), ["a passed", "b[n=1] passed", "b[n=2] passed", "b[n=3] failed"]);
}
