//! What every runner kind must keep to, built in or brought along, as one suite.
//!
//! A runner gets a [`Subject`]: parameters that work, and, where it has such, some that take long
//! and some that bring in more than it may keep. [`check`] returns every rule that it breaks.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aei_core::runner::{Cancel, DynStepRunner, Registry, StepContext, StepError, StepErrorKind};
use aei_core::source::{SourceMap, Syntax, parse};
use aei_core::validate::shape;
use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// A runner to look at, and what to try on it.
pub struct Subject {
    /// The runner.
    pub runner: Arc<dyn DynStepRunner>,
    /// A `with` that works.
    pub works: Value,
    /// A `with` that takes longer than any test waits, unless it is cancelled.
    pub long: Option<Value>,
    /// A `with` that meets more data than the runner may keep, and the most bytes that its
    /// outcome may then have.
    pub flood: Option<(Value, usize)>,
}

/// A rule that a runner breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The rule, as a few words.
    pub rule: &'static str,
    /// What was seen instead.
    pub seen: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.seen)
    }
}

/// How long a step must be seen to go on before it counts as under way.
const UNDER_WAY: Duration = Duration::from_millis(100);

/// What a runner may take longer than its grace, on a busy machine.
const SLACK: Duration = Duration::from_secs(1);

/// Tries a runner; every rule that it breaks. Needs a tokio runtime with time and I/O.
pub async fn check(subject: &Subject, cx: &StepContext) -> Vec<Breach> {
    let mut trial = Trial { subject, cx, breaches: Vec::new() };
    trial.spec();
    trial.outcome().await;
    trial.unknown_key().await;
    if let Some(long) = &subject.long {
        trial.cancel(long).await;
        trial.deadline(long).await;
        trial.drop(long).await;
    }
    if let Some((flood, most)) = &subject.flood {
        trial.cap(flood, *most).await;
    }
    trial.breaches
}

type Step<'a> = Pin<Box<dyn Future<Output = Result<Value, StepError>> + Send + 'a>>;

struct Trial<'a> {
    subject: &'a Subject,
    cx: &'a StepContext,
    breaches: Vec<Breach>,
}

impl<'a> Trial<'a> {
    fn breach(&mut self, rule: &'static str, seen: impl fmt::Display) {
        self.breaches.push(Breach { rule, seen: seen.to_string() });
    }

    /// What the runner says of itself is complete, and its example is right.
    fn spec(&mut self) {
        let spec = self.subject.runner.spec();
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if spec.kind.is_empty() || !spec.kind.chars().all(is_name) {
            self.breach("the kind is lower-case letters, digits and `_`", &spec.kind);
        }
        if spec.summary.trim().is_empty() {
            self.breach("the runner has a summary", "none");
        }
        for (what, schema) in [("params", &spec.params), ("outcome", &spec.outcome)] {
            if let Err(error) = jsonschema::meta::validate(schema) {
                self.breach("both schemas are valid", format!("{what}: {error}"));
            }
            let properties = schema["properties"].as_object().into_iter().flatten();
            let bare: Vec<_> = properties
                .filter(|(_, schema)| schema.get("description").is_none())
                .map(|(name, _)| format!("{what}.{name}"))
                .collect();
            if !bare.is_empty() {
                self.breach("every property is described", bare.join(", "));
            }
        }
        self.example(&spec.example);
    }

    fn example(&mut self, example: &str) {
        let rule = "the example is a step that validates";
        let kind = &self.subject.runner.spec().kind;
        let step = example.trim_end().replace('\n', "\n          ");
        let text = format!(
            "aei: 1\nname: example\ncases:\n  - id: example\n    steps:\n        - {step}\n"
        );
        let mut sources = SourceMap::default();
        let root = match parse(&mut sources, "example.aei.yaml", text.into_bytes(), Syntax::Yaml) {
            Ok(root) => root,
            Err(diagnostic) => return self.breach(rule, diagnostic.message),
        };
        if !example.contains(&format!("uses: {kind}")) {
            self.breach(rule, format!("it does not say `uses: {kind}`"));
        }
        let mut registry = Registry::empty();
        registry.register_dyn(Arc::clone(&self.subject.runner));
        for diagnostic in shape(&root, &registry) {
            self.breach(rule, diagnostic.message);
        }
    }

    /// Parameters that work fit their schema, and so does what comes of them.
    async fn outcome(&mut self) {
        let runner = &self.subject.runner;
        if let Some(error) = misfit(&runner.spec().params, &self.subject.works) {
            self.breach("parameters that work fit the schema", error);
        }
        match runner.run(self.subject.works.clone(), self.cx).await {
            Err(error) => self.breach("parameters that work give an outcome", error),
            Ok(outcome) => {
                if let Some(error) = misfit(&runner.spec().outcome, &outcome) {
                    self.breach("the outcome fits its schema", error);
                }
            }
        }
    }

    /// A key that the schema does not know is refused before anything is done.
    async fn unknown_key(&mut self) {
        let rule = "an unknown key is refused";
        let runner = &self.subject.runner;
        if runner.spec().params["additionalProperties"] != Value::Bool(false) {
            return;
        }
        let mut with = self.subject.works.clone();
        with["no_such_key"] = Value::Bool(true);
        match runner.run(with, self.cx).await {
            Err(error) if error.kind == StepErrorKind::InvalidParams => {}
            Err(error) => self.breach(rule, format!("another error: {error}")),
            Ok(_) => self.breach(rule, "it was accepted"),
        }
    }

    /// Starts a long step, and stops when it is under way.
    async fn start(&mut self, with: &Value, cx: &'a StepContext) -> Option<Step<'a>> {
        let mut step: Step<'a> = self.subject.runner.run(with.clone(), cx);
        match timeout(UNDER_WAY, &mut step).await {
            Err(_) => Some(step),
            Ok(ended) => {
                self.breach("a long step goes on", format!("it ended at once: {ended:?}"));
                None
            }
        }
    }

    /// A cancel ends a step within its grace, and leaves no process.
    async fn cancel(&mut self, with: &Value) {
        let (switch, cx) = cancellable(self.cx);
        self.stopped("a cancel is obeyed", with, &cx, || switch.fire()).await;
    }

    /// So does a deadline, which comes as a cancel, too.
    async fn deadline(&mut self, with: &Value) {
        let (switch, mut cx) = cancellable(self.cx);
        cx.deadline = Some(Instant::now() + UNDER_WAY / 2);
        self.stopped("a deadline is obeyed", with, &cx, || switch.fire()).await;
    }

    async fn stopped(
        &mut self,
        rule: &'static str,
        with: &Value,
        cx: &StepContext,
        fire: impl FnOnce(),
    ) {
        let before = processes();
        let mut inner = Trial { subject: self.subject, cx, breaches: Vec::new() };
        if let Some(mut step) = inner.start(with, cx).await {
            let started: BTreeSet<_> = processes().difference(&before).copied().collect();
            fire();
            let grace = self.subject.runner.spec().grace + SLACK;
            match timeout(grace, &mut step).await {
                Err(_) => inner.breach(rule, format!("it still ran after {grace:?}")),
                Ok(Ok(_)) => inner.breach(rule, "it ended as if nothing had been"),
                Ok(Err(error)) if is_stop(error.kind) => {}
                Ok(Err(error)) => inner.breach(rule, format!("{:?}: {error}", error.kind)),
            }
            drop(step);
            inner.none_left(&started).await;
        }
        let breaches = inner.breaches;
        self.breaches.extend(breaches);
    }

    /// A step whose future is dropped leaves no process.
    async fn drop(&mut self, with: &Value) {
        let before = processes();
        if let Some(step) = self.start(with, self.cx).await {
            let started = processes().difference(&before).copied().collect();
            drop(step);
            self.none_left(&started).await;
        }
    }

    async fn none_left(&mut self, started: &BTreeSet<Process>) {
        let gone = async {
            while processes_alive(started).next().is_some() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        if timeout(2 * SLACK, gone).await.is_err() {
            let left: Vec<_> = processes_alive(started).map(|p| p.pid.to_string()).collect();
            self.breach("no process is left", format!("still alive: {}", left.join(", ")));
        }
    }

    /// However much there is, the outcome stays small.
    async fn cap(&mut self, with: &Value, most: usize) {
        let rule = "what is kept has a limit";
        match self.subject.runner.run(with.clone(), self.cx).await {
            Ok(outcome) => {
                let size = outcome.to_string().len();
                if size > most {
                    self.breach(rule, format!("an outcome of {size} bytes, of {most} at most"));
                }
            }
            Err(error) if error.kind == StepErrorKind::Limit => {}
            Err(error) => self.breach(rule, format!("another error: {error}")),
        }
    }
}

const fn is_stop(kind: StepErrorKind) -> bool {
    matches!(kind, StepErrorKind::Cancelled | StepErrorKind::TimedOut)
}

/// Why a value does not fit a schema.
fn misfit(schema: &Value, value: &Value) -> Option<String> {
    let validator = match jsonschema::validator_for(schema) {
        Ok(validator) => validator,
        Err(error) => return Some(error.to_string()),
    };
    validator.validate(value).err().map(|error| format!("{}: {error}", error.instance_path()))
}

struct Switch(watch::Sender<bool>);

impl Switch {
    fn fire(&self) {
        self.0.send_replace(true);
    }
}

struct Wire(watch::Receiver<bool>);

#[async_trait]
impl Cancel for Wire {
    fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    async fn cancelled(&self) {
        // A sender that is gone can never fire.
        if self.0.clone().wait_for(|fired| *fired).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn cancellable(cx: &StepContext) -> (Switch, StepContext) {
    let (sender, receiver) = watch::channel(false);
    let mut cx = cx.clone();
    cx.cancel = Arc::new(Wire(receiver));
    (Switch(sender), cx)
}

/// A process, told apart from a later one of the same number by when it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Process {
    pid: u32,
    started: u64,
    parent: u32,
    alive: bool,
}

/// All living descendants of this process; none where there is no `/proc`.
fn processes() -> BTreeSet<Process> {
    let all: Vec<Process> = listed().collect();
    let mut family = BTreeSet::from([std::process::id()]);
    // A child may be listed before its parent: until nobody joins.
    while all.iter().filter(|p| family.contains(&p.parent)).any(|p| !family.contains(&p.pid)) {
        family.extend(
            all.iter().filter(|p| family.contains(&p.parent)).map(|p| p.pid).collect::<Vec<_>>(),
        );
    }
    family.remove(&std::process::id());
    all.into_iter().filter(|p| p.alive && family.contains(&p.pid)).collect()
}

fn processes_alive(of: &BTreeSet<Process>) -> impl Iterator<Item = Process> {
    let known = |p: &Process| of.iter().any(|o| o.pid == p.pid && o.started == p.started);
    listed().filter(move |p| p.alive && known(p))
}

fn listed() -> impl Iterator<Item = Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // `pid (name) state ppid …`, the start as the 22nd; the name may hold anything.
        let fields: Vec<_> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        Some(Process {
            pid,
            alive: !matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    })
}
