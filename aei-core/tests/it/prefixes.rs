//! A run may be cut off anywhere: whatever is left of its events is a report that can be written.

use std::collections::BTreeMap;

use aei_core::event::{CaseFinished, CaseIndex, Event, EventBody, Status};
use aei_core::report::format::{Format, Options, events, write, write_folder};
use aei_core::report::{CaseReport, CaseText, Report, StoredReport};
use proptest::prelude::*;

use crate::formats::{read_back, written};
use crate::sample;

/// The events of the sample, of several cases at a time, in an order that the engine could give.
fn stream(order: &[usize], retried: bool) -> Vec<Event> {
    let mut all = Vec::new();
    events(&mut sample::small(), &mut |event| {
        all.push(event.clone());
        Ok(())
    })
    .unwrap();
    let mut lanes: Vec<Vec<Event>> = vec![Vec::new(); 10];
    let last = all.pop().unwrap();
    let mut mixed = vec![all.remove(0)];
    for event in all {
        lanes[event.event.case().unwrap().0 as usize].push(event);
    }
    for lane in &mut lanes {
        lane.reverse();
    }
    let mut picks = order.iter().cycle();
    while lanes.iter().any(|lane| !lane.is_empty()) {
        let start = picks.next().copied().unwrap_or(0);
        let lane = (0..10).map(|at| (start + at) % 10).find(|&at| !lanes[at].is_empty()).unwrap();
        mixed.extend(lanes[lane].pop());
    }
    if retried && let Some(event) = mixed.last().cloned() {
        let case = event.event.case().unwrap();
        let again = CaseFinished {
            case,
            status: Status::Failed,
            duration_us: 1,
            reason: None,
            will_retry: true,
            flaky: false,
        };
        mixed.push(Event { event: EventBody::CaseFinished(Box::new(again)), ..event });
    }
    mixed.push(last);
    mixed
}

fn json(case: &CaseReport) -> String {
    serde_json::to_string(case).unwrap()
}

/// The reports of the cases as text, made while the events come.
fn texts(events: &[Event]) -> Vec<String> {
    let mut cases: BTreeMap<CaseIndex, CaseText> = BTreeMap::new();
    for event in events {
        let Some(case) = event.event.case() else { continue };
        match (cases.get_mut(&case), &event.event) {
            (Some(text), _) => text.apply(event),
            (None, EventBody::CaseStarted(started)) => {
                cases.insert(case, CaseText::new(started, event.at));
            }
            (None, _) => {}
        }
    }
    let text = |case: CaseText| {
        let mut json = Vec::new();
        case.finish(&mut json);
        String::from_utf8(json).unwrap()
    };
    cases.into_values().map(text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_prefix_is_a_report(
        order in prop::collection::vec(0_usize..10, 1..40),
        retried: bool,
        part in 0.0_f64..=1.0,
    ) {
        let all = stream(&order, retried);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
            reason = "a share of a small number")]
        let length = 1 + ((all.len() - 1) as f64 * part) as usize;
        let mut report = Report::from_events(&all[..length]).unwrap();
        prop_assert_eq!(report.head.complete, length == all.len());
        if !report.head.complete {
            prop_assert!(report.head.reason.is_some());
            prop_assert!(report.head.status != Status::Passed);
        }
        prop_assert!(report.cases.is_sorted_by_key(|case| case.case));
        prop_assert_eq!(texts(&all[..length]), report.cases.iter().map(json).collect::<Vec<_>>());
        let text = written(&mut report, Format::Json);
        let mut stored = StoredReport::open(std::io::Cursor::new(text.into_bytes())).unwrap();
        prop_assert_eq!(&read_back(&mut stored), &report);
        for format in Format::ALL {
            if format.is_folder() {
                write_folder(&mut stored, &mut |_, _| Ok(()), &Options::default()).unwrap();
            } else {
                write(format, &mut stored, &mut std::io::sink(), &Options::default()).unwrap();
            }
        }
        let again: Vec<Event> = written(&mut report, Format::Ndjson)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        prop_assert_eq!(Report::from_events(&again).unwrap().cases, report.cases);
    }
}
