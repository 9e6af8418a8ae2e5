use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aei_core::event::{
    EVENT_VERSION, Emitter, Event, EventBody, RunFinished, RunId, RunStarted, Sink, SinkError,
    Status, SuiteInfo, Summary,
};
use aei_core::host::Host;
use aei_core::report::{CaseSource, ReportFold};
use aei_core::runner::{Registry, State};
use serde_json::json;
use tokio::runtime::Runtime;

use super::CancelToken;
use super::case;
use super::schedule::{Schedule, Task};
use super::shared::{Deadline, Shared, SuiteProgress};
use super::verdict::CANCELLED;
use crate::plan::Plan;
use crate::store::RunFolder;

/// Runs plans with a set of step runners on a host.
#[derive(Clone)]
pub struct Engine {
    registry: Registry,
    pub(super) host: Arc<dyn Host>,
}

/// One run to be.
pub struct Run {
    /// What to run.
    pub plan: Plan,
    /// Where results are kept as they happen. Without it they are kept in memory, and steps
    /// cannot leave artifacts.
    pub folder: Option<RunFolder>,
    /// Who else takes the events.
    pub sinks: Vec<Box<dyn Sink>>,
    /// How to stop it.
    pub cancel: CancelToken,
}

/// A run that has ended.
pub struct RunOutcome {
    /// Its identity.
    pub run_id: RunId,
    /// The verdict.
    pub status: Status,
    /// How many cases ended how.
    pub summary: Summary,
    /// What the sinks that gave up said: results are complete in `report` all the same.
    pub sink_errors: Vec<SinkError>,
    /// Everything, in the order of the plan.
    pub report: Box<dyn CaseSource + Send>,
}

/// An engine that could not begin.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the engine: {0}")]
pub struct EngineError(#[from] std::io::Error);

/// How long an event may wait for those who take it.
const DELIVERY_INTERVAL: Duration = Duration::from_millis(5);
/// How long results may wait in memory before they are handed to the disk.
const FLUSH_INTERVAL: Duration = Duration::from_millis(50);

impl Engine {
    /// An engine with these runners on this host.
    pub fn new(registry: Registry, host: Arc<dyn Host>) -> Self {
        Self { registry, host }
    }

    /// Runs a plan to its end. Blocks the caller; the engine has threads of its own.
    ///
    /// # Errors
    /// When the machine has not even the means for one thread. Nothing has run then.
    pub fn run(&self, run: Run) -> Result<RunOutcome, EngineError> {
        let Run { plan, folder, mut sinks, cancel } = run;
        let plan = Arc::new(plan);
        let run_id = folder.as_ref().map_or_else(|| RunId(self.host.uuid()), RunFolder::run_id);
        let redactor = Arc::clone(&plan.redactor);
        let memory = Arc::new(Mutex::new(None));
        match &folder {
            // First in line: on disk before anybody else has heard of it.
            Some(folder) => sinks.insert(0, folder.sink()),
            None => sinks.insert(0, Box::new(in_memory(&memory))),
        }
        let emitter = Emitter::new(run_id, Arc::clone(&self.host), Arc::clone(&redactor), sinks);
        let shared = Shared {
            run: Arc::new(json!({
                "id": run_id.to_string(),
                "name": plan.name(),
                "started_at": self.host.now().to_rfc3339(),
                "dir": folder.as_ref().map(|folder| folder.path().display().to_string()),
            })),
            registry: self.registry.clone(),
            host: Arc::clone(&self.host),
            emitter: Arc::new(emitter),
            redactor,
            schedule: Schedule::new(Arc::clone(&plan), cancel.clone()),
            cancel,
            run_state: Arc::new(State::default()),
            folder: folder.as_ref().map(|folder| folder.path().to_owned()),
            deadline: (plan.options.timeout)
                .and_then(|limit| Deadline::after(Instant::now(), limit, "run")),
            suites: plan.suites.iter().map(|_| SuiteProgress::default()).collect(),
            plan,
        };
        let (status, summary) = carry_out(&shared)?;
        let mut sink_errors = shared.emitter.errors();
        drop(shared);
        let report: Option<Box<dyn CaseSource + Send>> = match folder {
            Some(folder) => {
                let (report, error) = folder.into_report();
                sink_errors.extend(error);
                report.map(|report| Box::new(report) as _)
            }
            None => {
                let fold = memory.lock().unwrap_or_else(PoisonError::into_inner).take();
                fold.map(|fold| Box::new(ReportFold::into_report(fold)) as _)
            }
        };
        let Some(report) = report else {
            unreachable!("every run sends `run_started`, which makes the report")
        };
        Ok(RunOutcome { run_id, status, summary, sink_errors, report })
    }
}

fn in_memory(memory: &Arc<Mutex<Option<ReportFold>>>) -> impl FnMut(&Event) + Send + use<> {
    let memory = Arc::clone(memory);
    move |event: &Event| {
        let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        match (&mut *memory, &event.event) {
            (Some(fold), _) => fold.apply(event),
            (none, EventBody::RunStarted(started)) => *none = Some(ReportFold::new(started, event)),
            (None, _) => {}
        }
    }
}

fn carry_out(shared: &Shared) -> Result<(Status, Summary), EngineError> {
    let began = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = match shared.plan.options.jobs {
        0 => cores,
        jobs => jobs,
    };
    let runtimes = runtimes(jobs.min(cores).min(shared.plan.units.len()).max(1))?;
    let threads = runtimes.len();
    shared.emitter.emit(EventBody::RunStarted(Box::new(started(shared, jobs))));
    // Somebody far away may wait for a sign that it runs.
    shared.emitter.deliver();
    let (alive, done) = mpsc::channel::<()>();
    let working = AtomicUsize::new(threads);
    std::thread::scope(|scope| {
        for (thread, runtime) in runtimes.into_iter().enumerate() {
            let slots = jobs / threads + usize::from(thread < jobs % threads);
            let (alive, working) = (alive.clone(), &working);
            scope.spawn(move || {
                work(shared, &runtime, slots);
                if working.fetch_sub(1, Ordering::AcqRel) == 1 {
                    runtime.block_on(shared.run_state.close());
                }
                drop(alive);
            });
        }
        drop(alive);
        let mut flushed = Instant::now();
        while done.recv_timeout(DELIVERY_INTERVAL) == Err(RecvTimeoutError::Timeout) {
            shared.emitter.deliver();
            if flushed.elapsed() >= FLUSH_INTERVAL {
                shared.emitter.flush();
                flushed = Instant::now();
            }
        }
    });
    let summary = shared.schedule.summary();
    let cancelled = shared.cancel.is_cancelled();
    let status = match summary.status() {
        Status::Passed if cancelled => Status::Cancelled,
        status => status,
    };
    shared.emitter.emit(EventBody::RunFinished(Box::new(RunFinished {
        status,
        summary,
        duration_us: super::step::micros(began),
        reason: cancelled.then(|| shared.cancel.reason().unwrap_or(CANCELLED).to_owned()),
    })));
    shared.emitter.flush();
    Ok((status, summary))
}

/// One runtime a thread; fewer than wanted when the machine is short of file descriptors.
fn runtimes(wanted: usize) -> std::io::Result<Vec<Runtime>> {
    let mut runtimes = Vec::with_capacity(wanted);
    while runtimes.len() < wanted {
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtimes.push(runtime),
            Err(error) if runtimes.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(runtimes)
}

/// One thread: as many cases at a time as it has slots, each from start to end right here.
fn work(shared: &Shared, runtime: &Runtime, slots: usize) {
    let slot = || async {
        while let Some(task) = shared.schedule.next().await {
            match task {
                Task::Run { unit, locks } => {
                    let verdict = case::run(shared, unit).await;
                    shared.schedule.finish(unit, &locks, &verdict);
                }
                Task::Pass { unit, verdict } => {
                    let verdict = case::pass(shared, unit, verdict);
                    shared.schedule.finish(unit, &[], &verdict);
                }
            }
        }
    };
    runtime.block_on(futures_util::future::join_all((0..slots).map(|_| slot())));
}

fn started(shared: &Shared, jobs: usize) -> RunStarted {
    let plan = &shared.plan;
    let suite = |suite: &crate::plan::PlannedSuite| {
        let template = &suite.suite.template;
        SuiteInfo {
            name: suite.suite.name.clone(),
            file: suite.suite.file.clone(),
            description: template.description.as_deref().map(str::to_owned),
            labels: (template.labels.iter())
                .map(|(key, value)| (key.value.to_string(), value.to_string()))
                .collect(),
            inputs: suite.shown_inputs.clone(),
            cases: suite.planned,
        }
    };
    RunStarted {
        version: EVENT_VERSION,
        aei: env!("CARGO_PKG_VERSION").to_owned(),
        name: plan.name(),
        suites: plan.suites.iter().map(suite).collect(),
        cases: u32::try_from(plan.len()).unwrap_or(u32::MAX),
        jobs: u32::try_from(jobs).unwrap_or(u32::MAX),
        seed: plan.options.shuffle,
        node: plan.options.node.clone(),
    }
}
