use std::sync::Arc;

use aei_core::event::{
    CaseFinished, CaseIndex, CaseRole, CaseStarted, Event, EventBody, RunFinished, RunId,
    RunStarted, Seq, Status, StepIndex, StepOutput, Summary,
};
use aei_core::runner::OutputStream;
use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::{Ballast, Batch, Limits, Spool};

fn run_id() -> RunId {
    RunId(uuid::Uuid::from_u128(7))
}

fn event(body: EventBody) -> Event {
    // The numbers and the identity of the engine are not those of the fleet.
    let at = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap();
    Event { run_id: RunId(uuid::Uuid::from_u128(1)), seq: Seq(99), at, event: body }
}

fn started() -> Event {
    event(EventBody::RunStarted(Box::new(RunStarted {
        version: 1,
        aei: "0".into(),
        name: "n".into(),
        suites: Vec::new(),
        cases: 3,
        jobs: 1,
        seed: None,
        node: std::collections::BTreeMap::default(),
    })))
}

fn case_started(case: u32) -> Event {
    event(EventBody::CaseStarted(Box::new(CaseStarted {
        case: CaseIndex(case),
        suite: 0,
        id: format!("case-{case}"),
        name: "c".into(),
        role: CaseRole::Case,
        tags: Vec::new(),
        matrix: serde_json::Map::default(),
        attempt: 1,
        location: None,
    })))
}

fn output(case: u32, size: usize) -> Event {
    event(EventBody::StepOutput(Box::new(StepOutput {
        case: CaseIndex(case),
        step: StepIndex(0),
        stream: OutputStream::Stdout,
        text: "x".repeat(size),
    })))
}

fn case_finished(case: u32) -> Event {
    event(EventBody::CaseFinished(Box::new(CaseFinished {
        case: CaseIndex(case),
        status: Status::Passed,
        duration_us: 1,
        reason: None,
        will_retry: false,
        flaky: false,
    })))
}

fn finished() -> Event {
    event(EventBody::RunFinished(Box::new(RunFinished {
        status: Status::Passed,
        summary: Summary::default(),
        duration_us: 1,
        reason: None,
    })))
}

struct Fixture {
    folder: tempfile::TempDir,
    ballast: Arc<Ballast>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Arc::new(Ballast::new(folder.path().join("ballast"), 1 << 10));
        Self { folder, ballast }
    }

    fn open(&self) -> Arc<Spool> {
        let events = self.folder.path().join("events");
        Arc::new(Spool::open(&events, run_id(), Arc::clone(&self.ballast)).unwrap())
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("events")).unwrap().count()
    }
}

fn numbers(batch: &Batch) -> Vec<u64> {
    let text = std::str::from_utf8(&batch.lines).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<Event>(line).unwrap());
    events
        .map(|event| {
            assert_eq!(event.run_id, run_id());
            event.seq.0
        })
        .collect()
}

#[tokio::test]
async fn events_get_the_numbers_and_the_run_of_the_fleet() {
    let fixture = Fixture::new();
    let spool = fixture.open();
    for event in [started(), case_started(0), case_finished(0), finished()] {
        spool.append(&event).unwrap();
    }
    spool.close();
    let batch = spool.batch(Limits::USUAL).await.unwrap().unwrap();
    assert_eq!((batch.first, batch.next), (0, 4));
    assert_eq!(numbers(&batch), [0, 1, 2, 3]);
    assert!(fixture.files() > 0, "nothing goes before it is acknowledged");
    spool.acknowledged(4).unwrap();
    assert_eq!(spool.batch(Limits::USUAL).await.unwrap(), None);
    assert_eq!(fixture.files(), 0);
}

#[tokio::test]
async fn batches_keep_to_their_limits() {
    let fixture = Fixture::new();
    let spool = fixture.open();
    spool.append(&started()).unwrap();
    for _ in 0..1200 {
        spool.append(&output(0, 10)).unwrap();
    }
    for _ in 0..3 {
        spool.append(&output(0, 700 << 10)).unwrap();
    }
    spool.append(&output(0, 3 << 20)).unwrap();
    spool.close();
    let mut sizes = Vec::new();
    while let Some(batch) = spool.batch(Limits::USUAL).await.unwrap() {
        assert_eq!(numbers(&batch), (batch.first..batch.next).collect::<Vec<_>>());
        sizes.push((batch.next - batch.first, batch.lines.len() >> 20));
        spool.acknowledged(batch.next).unwrap();
    }
    // A batch ends with the event that fills it.
    assert_eq!(sizes, [(500, 0), (500, 0), (203, 1), (2, 3)]);
}

#[tokio::test]
async fn what_the_server_wants_again_is_sent_again() {
    let fixture = Fixture::new();
    let spool = fixture.open();
    spool.append(&started()).unwrap();
    for _ in 0..9 {
        spool.append(&output(0, 10)).unwrap();
    }
    spool.close();
    let batch = spool.batch(Limits::USUAL).await.unwrap().unwrap();
    assert_eq!(batch.next, 10);
    spool.acknowledged(4).unwrap();
    let again = spool.batch(Limits::USUAL).await.unwrap().unwrap();
    assert_eq!(numbers(&again), [4, 5, 6, 7, 8, 9]);
    spool.acknowledged(10).unwrap();
    assert_eq!(spool.acknowledged(2), Err(10), "those are gone");
}

#[test]
fn what_tells_how_far_the_run_had_come_is_kept() {
    let fixture = Fixture::new();
    let spool = fixture.open();
    spool.append(&started()).unwrap();
    spool.append(&case_started(0)).unwrap();
    spool.append(&case_started(1)).unwrap();
    for _ in 0..4 {
        spool.append(&output(1, 600 << 10)).unwrap();
    }
    spool.append(&case_finished(1)).unwrap();
    spool.flush();
    spool.acknowledged(8).unwrap();
    let ids = |spool: &Spool| -> Vec<Option<u32>> {
        let events = spool.events().unwrap();
        events.iter().map(|event| event.event.case().map(|case| case.0)).collect()
    };
    // Case 0 has not ended: all since its start is kept.
    assert_eq!(ids(&spool).len(), 8);
    spool.append(&case_finished(0)).unwrap();
    spool.acknowledged(9).unwrap();
    assert_eq!(ids(&spool).len(), 8, "the report of case 0 may not be on disk yet");
    spool.flush();
    let kept = ids(&spool);
    assert_eq!(kept.first(), Some(&None), "the start of the run is kept to the end");
    assert!(kept.len() < 6, "{kept:?}");
}

#[tokio::test]
async fn a_process_that_comes_after_goes_on_where_the_server_is() {
    let fixture = Fixture::new();
    let spool = fixture.open();
    for event in [started(), case_started(0), output(0, 5), output(0, 5)] {
        spool.append(&event).unwrap();
    }
    spool.flush();
    drop(spool);
    // The process died in the middle of a line; a power cut left zeros.
    let events = fixture.folder.path().join("events");
    let last = std::fs::read_dir(&events).unwrap().map(|entry| entry.unwrap().path()).max();
    let mut file = std::fs::File::options().append(true).open(last.unwrap()).unwrap();
    std::io::Write::write_all(&mut file, b"{\"run_id\":\"0000").unwrap();
    std::io::Write::write_all(&mut file, &[0; 100]).unwrap();

    let spool = fixture.open();
    assert_eq!(spool.events().unwrap().len(), 4);
    assert_eq!(spool.count(), 4);
    spool.catch_up(2);
    spool.acknowledged(2).unwrap();
    spool.append(&case_finished(0)).unwrap();
    spool.close();
    let batch = spool.batch(Limits::USUAL).await.unwrap().unwrap();
    assert_eq!(numbers(&batch), [2, 3, 4]);

    // The server knows more than the disk does: go on after that.
    drop(spool);
    let spool = fixture.open();
    spool.catch_up(9);
    spool.acknowledged(9).unwrap();
    spool.append(&finished()).unwrap();
    spool.close();
    let batch = spool.batch(Limits::USUAL).await.unwrap().unwrap();
    assert_eq!(numbers(&batch), [9]);
    assert_eq!(spool.count(), 10);
}

#[tokio::test]
async fn a_disk_that_takes_nothing_does_not_keep_events_from_the_server() {
    let fixture = Fixture::new();
    fixture.ballast.load().unwrap();
    let spool = fixture.open();
    spool.append(&started()).unwrap();
    // No file can be made in the place of a folder.
    let events = fixture.folder.path().join("events");
    std::fs::remove_dir_all(&events).unwrap();
    std::fs::write(&events, "").unwrap();
    spool.append(&case_started(0)).unwrap();
    spool.flush();
    assert!(spool.trouble().unwrap().contains("cannot keep events in"), "{:?}", spool.trouble());
    assert!(!fixture.folder.path().join("ballast").exists(), "the room set aside is given up");
    // The server has the first; it can take the others from memory.
    spool.acknowledged(1).unwrap();
    spool.append(&case_finished(0)).unwrap();
    spool.close();
    let batch = spool.batch(Limits { events: 1, bytes: 1 << 20 }).await.unwrap().unwrap();
    assert_eq!(numbers(&batch), [1]);
    spool.acknowledged(2).unwrap();
    let batch = spool.batch(Limits::USUAL).await.unwrap().unwrap();
    assert_eq!(numbers(&batch), [2]);
    spool.acknowledged(3).unwrap();
    assert_eq!(spool.batch(Limits::USUAL).await.unwrap(), None);
}

#[test]
fn memory_is_bounded_when_neither_disk_nor_server_take_anything() {
    let fixture = Fixture::new();
    let spool = fixture.open();
    let events = fixture.folder.path().join("events");
    std::fs::remove_dir_all(&events).unwrap();
    std::fs::write(&events, "").unwrap();
    let refused = (0..20).map(|_| spool.append(&output(0, 1 << 20))).filter(Result::is_err);
    assert_eq!(refused.count(), 16);
}

/// What may happen to a spool.
#[derive(Debug, Clone)]
enum Act {
    Append(u8, u16),
    Flush,
    Send { got: u8 },
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (0u8..4, 0u16..40_000).prop_map(|(case, size)| Act::Append(case, size)),
        2 => Just(Act::Flush),
        3 => any::<u8>().prop_map(|got| Act::Send { got }),
        1 => Just(Act::Crash),
    ];
    prop::collection::vec(act, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever happens in between, the server gets every event that reached the disk, once, in
    /// order, without gaps.
    #[test]
    fn nothing_is_lost_or_sent_out_of_order(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let fixture = Fixture::new();
        let mut spool = fixture.open();
        spool.append(&started()).unwrap();
        spool.flush();
        // What the server has; what is certainly on disk.
        let (mut server, mut sure) = (0u64, 1u64);
        let receive = |batch: &Batch, server: &mut u64, got: u64| {
            assert!(batch.first <= *server, "a gap: {} after {server}", batch.first);
            let numbers = numbers(batch);
            assert_eq!(&numbers, &(batch.first..batch.next).collect::<Vec<_>>());
            *server = (*server).max(batch.first + got.min(batch.next - batch.first));
        };
        for act in acts {
            match act {
                Act::Append(case, size) => spool.append(&output(case.into(), size.into())).unwrap(),
                Act::Flush => {
                    spool.flush();
                    sure = spool.count();
                }
                Act::Send { got } => {
                    if spool.count() > server {
                        let batch = runtime.block_on(spool.batch(Limits::USUAL)).unwrap().unwrap();
                        receive(&batch, &mut server, got.into());
                        spool.acknowledged(server).unwrap();
                        sure = sure.max(batch.next);
                    }
                }
                Act::Crash => {
                    drop(spool);
                    spool = fixture.open();
                    spool.catch_up(server);
                    spool.acknowledged(server.max(spool.first())).unwrap();
                    prop_assert!(spool.count() >= sure, "{} of {sure}", spool.count());
                }
            }
        }
        let all = spool.count();
        spool.close();
        while let Some(batch) = runtime.block_on(spool.batch(Limits::USUAL)).unwrap() {
            receive(&batch, &mut server, u64::MAX);
            spool.acknowledged(server).unwrap();
        }
        prop_assert_eq!(server, all);
        prop_assert_eq!(fixture.files(), 0);
    }
}
