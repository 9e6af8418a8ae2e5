//! Runners, hosts and consumers of events that misbehave cost nobody else anything.

use std::future::pending;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aei_runner::core::event::{Event, Sink, Status};
use aei_runner::core::host::{Host, HostError};
use aei_runner::core::report::Report;
use aei_runner::core::runner::{
    OutputStream, Registry, StepContext, StepError, StepErrorKind, StepRunner,
};
use aei_runner::{CancelToken, Engine, LocalHost, Plan, Run, RunFolder, RunOptions, load};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bench, case, collect, statuses, steps};

/// A runner that does as it is told, and worse.
#[derive(Default)]
struct Trouble {
    kept: Mutex<Option<StepContext>>,
    rang: AtomicBool,
}

/// Makes trouble.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Which.
    make: String,
}

impl StepRunner for Trouble {
    const KIND: &'static str = "trouble";
    type Params = Params;
    type Outcome = Value;

    async fn run(&self, params: Params, cx: &StepContext) -> Result<Value, StepError> {
        match params.make.as_str() {
            "panic" => panic!("boom"),
            "panic when dropped" => {
                let _bomb = Bomb;
                pending::<()>().await;
            }
            "panic when closed" => {
                cx.case_state.on_close(Box::new(|| Box::pin(async { panic!("hook") })));
            }
            "hang when closed" => {
                let path = cx.work_dir.join("hanging");
                cx.case_state.on_close(Box::new(|| {
                    Box::pin(async move {
                        std::fs::write(path, "").unwrap();
                        pending::<()>().await;
                    })
                }));
            }
            "block" => {
                let blocked = tokio::task::spawn_blocking(|| {
                    loop {
                        std::thread::park();
                    }
                });
                blocked.await.unwrap_or(());
            }
            "keep" => *self.kept.lock().unwrap() = Some(cx.clone()),
            "speak late" => {
                let kept = self.kept.lock().unwrap().take().unwrap();
                kept.output.write(OutputStream::Stdout, b"late");
                let put = kept.artifacts.put("late.txt", "text/plain", b"late");
                return Ok(json!({ "put": put.unwrap_err().reason }));
            }
            "ring" => {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                self.rang.store(true, Ordering::SeqCst);
            }
            "listen" => return Ok(json!({ "heard": self.rang.load(Ordering::SeqCst) })),
            other => return Err(StepError::new(StepErrorKind::InvalidParams, other)),
        }
        Ok(json!({}))
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

/// A host without luck.
struct Unlucky;

impl Host for Unlucky {
    fn now(&self) -> DateTime<Utc> {
        LocalHost.now()
    }

    fn uuid(&self) -> Uuid {
        LocalHost.uuid()
    }

    fn random_int(&self, _: i64, _: i64) -> i64 {
        panic!("no luck")
    }

    fn env(&self, name: &str) -> Option<String> {
        LocalHost.env(name)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        LocalHost.read(path)
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HostError> {
        LocalHost.write(path, content)
    }
}

struct Ran {
    report: Report,
    sink_errors: Vec<String>,
}

fn run(bench: &Bench, sinks: Vec<Box<dyn Sink>>) -> Ran {
    let host: Arc<dyn Host> = Arc::new(Unlucky);
    let mut registry: Registry = aei_runner::registry();
    registry.register(Trouble::default());
    let (suite, _) = load(&bench.path("t.aei.yaml"), &registry, host.as_ref())
        .unwrap_or_else(|error| panic!("{error}"));
    let plan = Plan::new(vec![suite], bench.options.clone(), &host).unwrap();
    let folder = RunFolder::create(&bench.path("runs"), host.as_ref()).unwrap();
    let cancel = bench.cancel.clone();
    let mut outcome =
        Engine::new(registry, host).run(Run { plan, folder: Some(folder), sinks, cancel }).unwrap();
    Ran {
        report: collect(outcome.report.as_mut()),
        sink_errors: outcome.sink_errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_runner_that_panics_costs_its_step_and_no_more() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - id: called
    steps: [ { name: a, uses: trouble, with: { make: panic }, retry: { attempts: 3 } } ]
    teardown: [ { name: down, uses: assert, with: {} } ]
  - id: dropped
    steps: [ { name: a, uses: trouble, with: { make: panic when dropped }, timeout: 20ms } ]
    teardown: [ { name: down, uses: assert, with: {} } ]
  - { id: closed, steps: [ { uses: trouble, with: { make: panic when closed } } ] }
  - { id: other, steps: [ { uses: assert, with: {} } ] }
teardown: [ { uses: assert, with: {} } ]
",
    );
    let Ran { report, .. } = run(&bench, Vec::new());
    let expected =
        ["called errored", "dropped errored", "closed errored", "other passed", "teardown passed"];
    assert_eq!(statuses(&report), expected);
    for (id, text) in [("called", "boom"), ("dropped", "dropped")] {
        let case = case(&report, id);
        assert_eq!(steps(&case.steps), ["a errored", "down passed"]);
        let failure = case.steps[0].failure.as_ref().unwrap();
        assert_eq!(failure.message, format!("the runner panicked: {text}"));
        assert_eq!(case.steps[0].attempts, 1);
    }
    let reason = case(&report, "closed").reason.as_deref();
    assert_eq!(reason, Some("a runner panicked while it closed what was open: hook"));
    assert!(report.head.complete);
}

#[test]
fn a_panic_outside_of_any_step_costs_its_case_and_no_more() {
    let bench = Bench::new(
        r#"
aei: 1
cases:
  - { id: unlucky, if: "random_int(1, 2) > 0", steps: [ { uses: assert, with: {} } ] }
  - { id: needing, needs: [unlucky], steps: [ { uses: assert, with: {} } ] }
  - { id: other, steps: [ { uses: assert, with: {} } ] }
"#,
    );
    let Ran { report, .. } = run(&bench, Vec::new());
    assert_eq!(statuses(&report), ["unlucky errored", "needing skipped", "other passed"]);
    let reason = case(&report, "unlucky").reason.as_deref().unwrap();
    assert!(reason.starts_with("the engine panicked: no luck"), "{reason}");
}

#[test]
fn a_consumer_that_panics_is_dropped_and_told() {
    let bench = Bench::new("aei: 1\ncases: [ { id: a, steps: [ { uses: assert, with: {} } ] } ]\n");
    let broken = |_: &Event| panic!("no more");
    let Ran { report, sink_errors } = run(&bench, vec![Box::new(broken)]);
    assert_eq!(statuses(&report), ["a passed"]);
    assert_eq!(sink_errors, ["a consumer of events: it panicked: no more"]);
}

#[test]
fn what_does_not_close_is_given_up_when_the_run_is_killed() {
    let bench = Bench::new(
        "aei: 1\ncases: [ { id: a, steps: [ { uses: trouble, with: { make: hang when closed } } ] } ]\n",
    );
    let token: CancelToken = bench.cancel.clone();
    super::cancel::when_there(bench.path("hanging"), move || token.kill());
    let Ran { report, .. } = run(&bench, Vec::new());
    assert_eq!(statuses(&report), ["a errored"]);
    assert!(report.cases[0].reason.as_deref().unwrap().contains("did not close"));
}

#[test]
fn a_call_that_never_returns_does_not_hold_up_the_end() {
    let bench = Bench::new(
        "aei: 1\ncases: [ { id: a, steps: [ { uses: trouble, with: { make: block }, timeout: 20ms } ] } ]\n",
    );
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = done.send(statuses(&run(&bench, Vec::new()).report));
    });
    let ended = ended.recv_timeout(std::time::Duration::from_mins(1));
    assert_eq!(ended.unwrap(), ["a timed_out"]);
}

#[test]
fn what_comes_after_the_end_of_a_step_belongs_to_nobody() {
    let bench = Bench::new(
        r"
aei: 1
cases:
  - id: a
    steps:
      - { uses: trouble, with: { make: keep } }
      - { uses: trouble, with: { make: speak late }, expect: [ { that: put, equals: the step has ended } ] }
",
    );
    let Ran { report, .. } = run(&bench, Vec::new());
    assert_eq!(statuses(&report), ["a passed"], "{:?}", report.cases[0].steps[1]);
    let journal = std::fs::read_to_string(bench.run_folder().join("events.ndjson")).unwrap();
    assert!(!journal.contains("step_output") && !journal.contains("artifact\""), "{journal}");
}

#[test]
fn cases_that_never_wait_leave_their_neighbours_some_time() {
    let listen = json!({ "uses": "trouble", "with": { "make": "listen" } });
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut cases =
        vec![json!({ "id": "ring", "steps": [{ "uses": "trouble", "with": { "make": "ring" } }] })];
    // One of them shares a thread with the first case, as there are two slots a thread.
    cases.extend((1..2 * cores).map(|n| {
        let mut steps = vec![listen.clone(); 3000];
        steps.push(json!({
            "uses": "trouble", "with": { "make": "listen" },
            "expect": [{ "that": "heard", "equals": true }],
        }));
        json!({ "id": format!("listen{n}"), "steps": steps })
    }));
    let mut bench = Bench::new(&json!({ "aei": 1, "cases": cases }).to_string());
    bench.options = RunOptions { jobs: 2 * cores, ..RunOptions::default() };
    let Ran { report, .. } = run(&bench, Vec::new());
    assert_eq!(report.head.status, Status::Passed, "{:?}", statuses(&report));
}
