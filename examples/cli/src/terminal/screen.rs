use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use aei_core::event::{
    CaseFinished, CaseIndex, CaseRole, CaseStarted, Event, EventBody, Sink, SinkError, Status,
    StepFinished, StepIndex, StepOutput, StepStarted, SuiteInfo, Summary,
};

use super::live::{Live, NAMED, Progress};
use super::paint::{Paint, symbol, word};
use super::text::{duration, harmless, one_line};
use super::{FailedCase, FailedStep};

/// How much is told while a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Nothing.
    Quiet,
    /// A line for each case that did not pass.
    Normal,
    /// A line for each case, and what steps print, as they print it.
    Verbose,
}

/// Redraws and flushes happen no more often than this.
const TICK: Duration = Duration::from_millis(100);
/// How many failures are kept to be told in full; the rest is in the report.
const KEPT: usize = 50;
/// How many bytes of a running step's output are kept.
const TAIL: usize = 4096;

/// Shows a run while it goes on, and remembers what must be said at its end.
pub(crate) struct Screen {
    shown: Arc<Mutex<Shown>>,
    ticker: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
}

struct Shown {
    detail: Detail,
    out: Box<dyn Write + Send>,
    paint: Paint,
    live_paint: Paint,
    width: Option<usize>,
    live: Option<Live>,
    started: Instant,
    suites: Vec<SuiteInfo>,
    total: usize,
    summary: Summary,
    running: BTreeMap<CaseIndex, Running>,
    failed: Vec<FailedCase>,
    untold: usize,
    finished: bool,
    broken: Option<io::Error>,
}

struct Running {
    case: Box<CaseStarted>,
    since: Instant,
    steps: BTreeMap<StepIndex, OpenStep>,
    failed: Vec<FailedStep>,
}

struct OpenStep {
    started: Box<StepStarted>,
    output: String,
    line: String,
}

/// What a screen remembers of a run that has ended.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) failed: Vec<FailedCase>,
    /// How many more did not pass.
    pub(crate) untold: usize,
}

impl Screen {
    /// A screen that writes its lines to `out`. `live` lines are drawn on standard error.
    pub(crate) fn new(
        detail: Detail,
        out: Box<dyn Write + Send>,
        (paint, width): (Paint, Option<usize>),
        live: Option<(Live, Paint)>,
    ) -> Self {
        let (live, live_paint) = live.map_or((None, Paint::PLAIN), |(live, p)| (Some(live), p));
        let shown = Arc::new(Mutex::new(Shown {
            detail,
            out,
            paint,
            live_paint,
            width,
            live,
            started: Instant::now(),
            suites: Vec::new(),
            total: 0,
            summary: Summary::default(),
            running: BTreeMap::new(),
            failed: Vec::new(),
            untold: 0,
            finished: false,
            broken: None,
        }));
        let ticker = Some(tick(Arc::clone(&shown)));
        Self { shown, ticker }
    }

    /// The consumer of a run's events.
    pub(crate) fn sink(&self) -> Box<dyn Sink> {
        Box::new(ScreenSink(Arc::clone(&self.shown)))
    }

    /// A way to say a line of talk without spoiling the live lines.
    pub(crate) fn notice(&self) -> impl Fn(&str) + Send + use<> {
        let shown = Arc::clone(&self.shown);
        move |line: &str| {
            let mut shown = lock(&shown);
            if let Some(live) = &mut shown.live {
                live.clear();
            }
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// Takes the live lines away and gives what is to be said at the end.
    pub(crate) fn close(mut self) -> Memory {
        self.stop();
        let mut shown = lock(&self.shown);
        shown.clear();
        let _ = shown.out.flush();
        Memory { failed: std::mem::take(&mut shown.failed), untold: shown.untold }
    }

    fn stop(&mut self) {
        if let Some((stop, thread)) = self.ticker.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tick(shown: Arc<Mutex<Shown>>) -> (mpsc::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        while stopped.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
            lock(&shown).draw();
        }
    });
    (stop, thread)
}

struct ScreenSink(Arc<Mutex<Shown>>);

impl Sink for ScreenSink {
    fn accept(&mut self, event: &Event) -> Result<(), SinkError> {
        let mut shown = lock(&self.0);
        shown.accept(event);
        match shown.broken.take() {
            Some(error) => {
                Err(SinkError { sink: "standard output".to_owned(), reason: error.to_string() })
            }
            None => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let _ = lock(&self.0).out.flush();
        Ok(())
    }
}

impl Shown {
    fn accept(&mut self, event: &Event) {
        match &event.event {
            EventBody::RunStarted(run) => {
                self.started = Instant::now();
                self.suites.clone_from(&run.suites);
                self.total = run.cases as usize;
            }
            EventBody::CaseStarted(case) => self.start_case(case),
            EventBody::StepStarted(step) => self.start_step(step),
            EventBody::StepOutput(output) => self.output(output),
            EventBody::StepFinished(step) => self.finish_step(step),
            EventBody::CaseFinished(case) => self.finish_case(case),
            EventBody::RunFinished(_) => self.finished = true,
            _ => {}
        }
    }

    fn start_case(&mut self, case: &CaseStarted) {
        let running = Running {
            case: Box::new(case.clone()),
            since: Instant::now(),
            steps: BTreeMap::new(),
            failed: Vec::new(),
        };
        self.running.insert(case.case, running);
    }

    fn start_step(&mut self, step: &StepStarted) {
        if let Some(case) = self.running.get_mut(&step.case) {
            let started = Box::new(step.clone());
            let open = OpenStep { started, output: String::new(), line: String::new() };
            case.steps.insert(step.step, open);
        }
    }

    fn output(&mut self, output: &StepOutput) {
        let verbose = self.detail == Detail::Verbose;
        let Some(case) = self.running.get_mut(&output.case) else { return };
        let Some(step) = case.steps.get_mut(&output.step) else { return };
        keep_tail(&mut step.output, &output.text);
        if !verbose {
            return;
        }
        step.line.push_str(&output.text);
        let Some(end) = step.line.rfind('\n') else { return };
        let rest = step.line.split_off(end + 1);
        let lines = std::mem::replace(&mut step.line, rest);
        let id = case.case.id.clone();
        self.print_output(&id, &lines);
    }

    fn finish_step(&mut self, finished: &StepFinished) {
        let Some(case) = self.running.get_mut(&finished.case) else { return };
        let Some(step) = case.steps.remove(&finished.step) else { return };
        let id =
            (!step.line.is_empty() && self.detail == Detail::Verbose).then(|| case.case.id.clone());
        if finished.status.is_bad() {
            case.failed.push(FailedStep::new(&step.started, finished, step.output));
        }
        if let Some(id) = id {
            self.print_output(&id, &step.line);
        }
    }

    fn finish_case(&mut self, finished: &CaseFinished) {
        let Some(running) = self.running.remove(&finished.case) else { return };
        if finished.will_retry {
            return;
        }
        if running.case.role == CaseRole::Case || finished.status.is_bad() {
            self.summary.count(finished.status, finished.flaky);
        }
        if self.tells(&running.case, finished) {
            let line = self.case_line(&running.case, finished);
            self.print(&line);
        }
        if !finished.status.is_bad() {
            return;
        }
        if self.failed.len() >= KEPT {
            self.untold += 1;
            return;
        }
        let file = self.suites.get(running.case.suite as usize).map_or("", |s| s.file.as_str());
        let mut failed = FailedCase::new(&running.case, file, finished.status);
        failed.reason.clone_from(&finished.reason);
        failed.steps = running.failed;
        self.failed.push(failed);
    }

    fn tells(&self, case: &CaseStarted, finished: &CaseFinished) -> bool {
        match self.detail {
            Detail::Quiet => false,
            Detail::Normal => finished.status != Status::Passed || finished.flaky,
            Detail::Verbose => case.role == CaseRole::Case || finished.status.is_bad(),
        }
    }

    /// `✗ failed       12 ms  login[user=ann]  User ann logs in`
    fn case_line(&self, case: &CaseStarted, finished: &CaseFinished) -> String {
        let (sign, word) = if finished.flaky {
            ("~", "flaky")
        } else {
            (symbol(finished.status), word(finished.status))
        };
        let status = format!("{sign} {word:<9}");
        let time = duration(Duration::from_micros(finished.duration_us));
        let mut about = String::new();
        if self.suites.len() > 1
            && let Some(suite) = self.suites.get(case.suite as usize)
        {
            about = format!("{} › ", suite.name);
        }
        about += &case.id;
        if case.name != case.id {
            about = format!("{about}  {}", case.name);
        }
        if let Some(reason) = &finished.reason {
            about = format!("{about}: {reason}");
        }
        let room = self.width.map_or(usize::MAX - 1, |width| width.saturating_sub(23).max(10));
        let status = if finished.flaky {
            self.paint.warn(status)
        } else {
            self.paint.status(finished.status, status)
        };
        format!("{status} {}  {}\n", self.paint.dim(format!("{time:>9}")), one_line(&about, room))
    }

    fn print_output(&mut self, id: &str, lines: &str) {
        let bar = self.paint.dim(format!("{id} │"));
        let mut text = String::new();
        for line in lines.lines() {
            text.extend([bar.as_str(), " ", &harmless(line), "\n"]);
        }
        self.print(&text);
    }

    fn print(&mut self, text: &str) {
        self.clear();
        let wrote = self.out.write_all(text.as_bytes());
        // On a terminal a line must be out before the live lines are drawn below it.
        let wrote = if self.live.is_some() { wrote.and_then(|()| self.out.flush()) } else { wrote };
        match wrote {
            Ok(()) => {}
            // Whoever read it has left, and the run goes on for its reports and its status.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.out = Box::new(io::sink());
            }
            Err(error) => self.broken = Some(error),
        }
    }

    fn clear(&mut self) {
        if let Some(live) = &mut self.live {
            live.clear();
        }
    }

    fn draw(&mut self) {
        let _ = self.out.flush();
        if self.total == 0 || self.finished {
            return;
        }
        let progress = self.progress();
        if let Some(live) = &mut self.live {
            live.draw(&progress, self.live_paint);
        }
    }

    fn progress(&self) -> Progress {
        let bad = Status::ALL.into_iter().filter(|status| status.is_bad());
        let title = |running: &Running| match running.steps.values().next_back() {
            Some(step) => format!("{} › {}", running.case.id, step.started.name),
            None => running.case.id.clone(),
        };
        let running = self.running.values().take(NAMED);
        Progress {
            finished: self.summary.finished() as usize,
            total: self.total,
            bad: bad.map(|status| self.summary.of(status) as usize).sum(),
            elapsed: self.started.elapsed(),
            running: running.map(|case| (title(case), case.since.elapsed())).collect(),
            running_count: self.running.len(),
        }
    }
}

/// Appends, and forgets the beginning when it grows too long.
fn keep_tail(tail: &mut String, text: &str) {
    tail.push_str(text);
    if tail.len() > 2 * TAIL {
        let from = tail.ceil_char_boundary(tail.len() - TAIL);
        tail.drain(..from);
    }
}

#[cfg(test)]
mod tests;
