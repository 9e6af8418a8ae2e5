//! What a batch of events says, read once at the door so that the worker only writes.

use std::collections::BTreeMap;

use aei_core::event::{CaseRole, Event, EventBody, RunId, StepFinished};

use crate::api::ApiError;
use crate::command::{CaseEnd, CaseRow, CaseStart, MeasurementRow};

/// A batch of events, understood.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The first sequence number.
    pub(crate) first: u64,
    /// One past the last.
    pub(crate) next: u64,
    /// The events, one a line.
    pub(crate) body: String,
    pub(crate) cases: Vec<CaseRow>,
    pub(crate) measurements: Vec<MeasurementRow>,
}

/// Reads a batch: events of one run, in order and without gaps.
pub(crate) fn read(body: String, run: RunId) -> Result<Batch, ApiError> {
    let mut batch = Batch {
        first: 0,
        next: 0,
        body: String::new(),
        cases: Vec::new(),
        measurements: Vec::new(),
    };
    let mut cases: BTreeMap<u32, CaseRow> = BTreeMap::new();
    let mut count = 0_u64;
    for (line, text) in (1..).zip(body.lines().filter(|line| !line.is_empty())) {
        let event: Event = serde_json::from_str(text).map_err(|error| {
            ApiError::unprocessable("bad-event", format!("line {line} is no event"))
                .detail(error.to_string())
        })?;
        if event.run_id != run {
            let title = format!("line {line} is of another run");
            return Err(ApiError::unprocessable("wrong-run", title));
        }
        if count == 0 {
            batch.first = event.seq.0;
        } else if event.seq.0 != batch.first + count {
            let title =
                format!("line {line} has number {}, not {}", event.seq, batch.first + count);
            return Err(ApiError::unprocessable("out-of-order", title)
                .detail("events of a batch follow each other without gaps"));
        }
        count += 1;
        note(&event, &mut cases, &mut batch.measurements);
    }
    batch.next = batch.first + count;
    batch.cases = cases.into_values().collect();
    batch.body = body;
    Ok(batch)
}

/// Takes over what one event says of a case.
fn note(event: &Event, cases: &mut BTreeMap<u32, CaseRow>, measurements: &mut Vec<MeasurementRow>) {
    let at = event.at.timestamp_micros();
    match &event.event {
        EventBody::CaseStarted(started) => {
            let start = CaseStart {
                id: started.id.clone(),
                name: started.name.clone(),
                role: role_name(started.role).to_owned(),
                at,
            };
            let index = started.case.0;
            cases.insert(index, CaseRow { index, started: Some(start), ended: None });
        }
        EventBody::CaseFinished(finished) if !finished.will_retry => {
            let end = CaseEnd {
                status: finished.status,
                flaky: finished.flaky,
                duration_us: finished.duration_us,
                reason: finished.reason.clone(),
            };
            let index = finished.case.0;
            cases.entry(index).or_insert(CaseRow { index, started: None, ended: None }).ended =
                Some(end);
        }
        EventBody::StepFinished(step) => measure(event.seq.0, at, step, measurements),
        _ => {}
    }
}

fn measure(seq: u64, at: i64, step: &StepFinished, into: &mut Vec<MeasurementRow>) {
    let measured = step
        .checks
        .iter()
        .filter_map(|check| check.measurement.as_ref().map(|found| (check.passed, found)));
    into.extend((0..).zip(measured).map(|(place, (passed, found))| MeasurementRow {
        seq,
        place,
        case: step.case.0,
        name: found.name.clone(),
        unit: found.unit.clone(),
        value: found.value,
        low: found.limits.low,
        high: found.limits.high,
        passed,
        at,
    }));
}

pub(crate) const fn role_name(role: CaseRole) -> &'static str {
    match role {
        CaseRole::Case => "case",
        CaseRole::Setup => "setup",
        CaseRole::Teardown => "teardown",
    }
}
