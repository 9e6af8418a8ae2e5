use std::io;
use std::sync::{Arc, Mutex};

use aei_core::event::Event;
use serde_json::{Value, json};

use super::*;

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn event(seq: u64, name: &str, body: &Value) -> Event {
    serde_json::from_value(json!({
        "run_id": "00000000-0000-0000-0000-000000000000",
        "seq": seq,
        "at": "2026-01-01T00:00:00Z",
        "event": { name: body },
    }))
    .unwrap()
}

/// Two suites: one case passes, one fails at its second step, one is flaky.
fn run() -> Vec<Event> {
    let at = |line: u32| json!({ "file": "shop.aei.yaml", "line": line, "column": 5 });
    let suite = |name: &str| json!({ "name": name, "file": "shop.aei.yaml", "cases": 2 });
    let case = |case: u32, id: &str, attempt: u32| {
        (
            "case_started",
            json!({ "case": case, "suite": 0, "id": id,
            "name": format!("The {id}"), "attempt": attempt, "location": at(case + 1) }),
        )
    };
    let done = |case: u32, status: &str, flaky: bool, again: bool| {
        (
            "case_finished",
            json!({ "case": case, "status": status, "duration_us": 12_000,
            "flaky": flaky, "will_retry": again }),
        )
    };
    let bodies = [
        (
            "run_started",
            json!({ "version": 1, "aei": "0.1.0", "name": "2 suites",
            "suites": [suite("shop"), suite("bank")], "cases": 3, "jobs": 1 }),
        ),
        case(0, "look", 1),
        done(0, "passed", false, false),
        case(1, "pay[user=ann]", 1),
        (
            "step_started",
            json!({ "case": 1, "step": 0, "name": "POST /pay", "uses": "http",
            "location": at(9) }),
        ),
        (
            "step_output",
            json!({ "case": 1, "step": 0, "stream": "stdout",
            "text": "one\ntw" }),
        ),
        (
            "step_output",
            json!({ "case": 1, "step": 0, "stream": "stdout",
            "text": "o\nrest" }),
        ),
        (
            "step_finished",
            json!({ "case": 1, "step": 0, "status": "failed", "attempts": 3,
            "duration_us": 5_000, "checks": [
                { "that": "status", "operator": "equals", "passed": false, "expected": 200,
                  "actual": 500, "location": at(12) },
                { "that": "json", "operator": "is", "passed": true, "expected": "map",
                  "actual": {} },
                { "that": "text", "operator": "equals", "passed": false, "expected": "a\nb",
                  "actual": "a\nc", "diff": " a\n-b\n+c\n" },
                { "that": "json.id", "operator": "exists", "passed": false,
                  "expected": true, "message": "nothing at `json.id`" },
            ] }),
        ),
        done(1, "failed", false, false),
        case(2, "ship", 1),
        done(2, "failed", false, true),
        case(2, "ship", 2),
        done(2, "passed", true, false),
        ("run_finished", json!({ "status": "failed", "summary": {}, "duration_us": 1 })),
    ];
    (0..).zip(&bodies).map(|(seq, (name, body))| event(seq, name, body)).collect()
}

fn told(detail: Detail, width: Option<usize>) -> (String, Memory) {
    let paper = Paper::default();
    let screen = Screen::new(detail, Box::new(paper.clone()), (Paint::PLAIN, width), None);
    let mut sink = screen.sink();
    for event in run() {
        sink.accept(&event).unwrap();
    }
    let memory = screen.close();
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    (text, memory)
}

#[test]
fn only_what_did_not_simply_pass_is_told() {
    let (text, memory) = told(Detail::Normal, None);
    assert_eq!(
        text,
        "✗ failed        12 ms  shop › pay[user=ann]  The pay[user=ann]\n\
         ~ flaky         12 ms  shop › ship  The ship\n"
    );
    assert_eq!(memory.failed.len(), 1);
    assert_eq!(memory.untold, 0);
}

#[test]
fn quiet_tells_nothing_and_forgets_nothing() {
    let (text, memory) = told(Detail::Quiet, None);
    assert_eq!(text, "");
    assert_eq!(memory.failed.len(), 1);
}

#[test]
fn verbose_tells_all_and_whole_lines_of_output() {
    let (text, _) = told(Detail::Verbose, Some(40));
    assert_eq!(
        text,
        "✓ passed        12 ms  shop › look  The…\n\
         pay[user=ann] │ one\npay[user=ann] │ two\npay[user=ann] │ rest\n\
         ✗ failed        12 ms  shop › pay[user=…\n\
         ~ flaky         12 ms  shop › ship  The…\n"
    );
}

#[test]
fn a_failure_is_told_in_full() {
    let (_, memory) = told(Detail::Normal, None);
    let text = memory.failed[0].render(Paint::PLAIN, " --input a=1");
    assert_eq!(text, FULL, "{text}");
    let painted = memory.failed[0].render(Paint { color: true }, " --input a=1");
    assert_eq!(anstream::adapter::strip_str(&painted).to_string(), FULL);
}

const FULL: &str = "\
✗ failed pay[user=ann]  The pay[user=ann]
  at shop.aei.yaml:2:5

  step POST /pay (http, 5.0 ms, 3 attempts)
    at shop.aei.yaml:9:5

    ✗ status equals
      expected  200
      actual    500
      at shop.aei.yaml:12:5

    ✗ text equals
      - expected + actual
       a
      -b
      +c

    ✗ json.id exists
      nothing at `json.id`
      expected  true
      actual    nothing there

    its output
    │ one
    │ two
    │ rest

  run it again: aei run shop.aei.yaml --case 'pay[user=ann]' --input a=1
";

#[test]
fn a_tail_keeps_its_end_and_its_characters() {
    let mut tail = String::new();
    for _ in 0..10_000 {
        keep_tail(&mut tail, "ä\n");
    }
    keep_tail(&mut tail, "end");
    assert!(tail.len() <= 2 * TAIL && tail.ends_with("ä\nend"), "{}", tail.len());
}

#[test]
fn who_reads_may_leave_but_lost_lines_are_told() {
    struct Broken(io::ErrorKind);
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for (kind, told) in [(io::ErrorKind::BrokenPipe, false), (io::ErrorKind::StorageFull, true)] {
        let out = Box::new(Broken(kind));
        let screen = Screen::new(Detail::Verbose, out, (Paint::PLAIN, None), None);
        let mut sink = screen.sink();
        let broken = run().iter().any(|event| sink.accept(event).is_err());
        assert_eq!(broken, told, "{kind:?}");
    }
}
