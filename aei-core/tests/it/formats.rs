//! Every format, as other tools read it.

use std::io::Cursor;

use aei_core::report::format::{Format, Options, events, write};
use aei_core::report::{CaseSource, Report, StoredReport};

use crate::sample;

fn written(report: &mut dyn CaseSource, format: Format) -> String {
    let mut out = Vec::new();
    write(format, report, &mut out, &Options::default()).unwrap();
    String::from_utf8(out).unwrap()
}

fn read_back(source: &mut dyn CaseSource) -> Report {
    let mut cases = Vec::new();
    source
        .each_case(&mut |case| {
            cases.push(case.clone());
            Ok(())
        })
        .unwrap();
    Report { head: source.head().clone(), cases }
}

#[test]
fn json_reads_back_in_any_layout() {
    let mut report = sample::small();
    let lines = written(&mut report, Format::Json);
    let value: serde_json::Value = serde_json::from_str(&lines).unwrap();
    for text in [lines, value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
        let mut stored = StoredReport::open(Cursor::new(text.into_bytes())).unwrap();
        assert_eq!(read_back(&mut stored), report);
        assert_eq!(read_back(&mut stored), report, "a second time");
    }
}

#[test]
fn events_fold_to_the_report() {
    let mut report = sample::small();
    let mut all = Vec::new();
    events(&mut report, &mut |event| {
        all.push(event.clone());
        Ok(())
    })
    .unwrap();
    let folded = Report::from_events(&all).unwrap();
    assert_eq!(folded.cases, report.cases);
    assert_eq!(folded.head.summary, report.head.summary);
}
