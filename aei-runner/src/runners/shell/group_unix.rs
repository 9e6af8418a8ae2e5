//! The process group of a step on Unix.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aei_core::runner::State;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// Between two looks at a group that is about to end.
const LOOK: Duration = Duration::from_millis(5);

/// How often killing is repeated: a process may have forked between look and kill.
const ROUNDS: u32 = 50;

/// How long what has outlived its step may go on after it was told to end.
const SWEEP: Duration = Duration::from_millis(500);

/// What marks the processes of a step in their environment, wherever they go.
///
/// The value begins with that of AEI's own environment, so that a run inside a step is found by
/// the outer one too.
#[derive(Debug)]
pub(super) struct Tag {
    value: String,
    own: usize,
}

impl Tag {
    pub(super) const VARIABLE: &str = "AEI_STEP_TAG";

    /// The tag of a further step of the run.
    fn fresh(run: &RunTag) -> Self {
        let count = run.steps.fetch_add(1, Ordering::Relaxed);
        // Closed by a sign of its own, since `…-1` is a part of `…-12`.
        Self { value: format!("{}{count};", run.prefix), own: run.own }
    }

    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// The part that no other step has.
    fn own(&self) -> &str {
        &self.value[self.own..]
    }
}

/// What the tags of all steps of a run begin with.
#[derive(Debug)]
struct RunTag {
    prefix: String,
    own: usize,
    steps: AtomicU64,
}

impl RunTag {
    fn new() -> Self {
        let outer = std::env::var(Tag::VARIABLE).unwrap_or_default();
        let prefix = format!("{outer}/{}-", Uuid::new_v4().simple());
        Self { prefix, own: outer.len(), steps: AtomicU64::new(0) }
    }
}

/// The tag of the next step. With the first one the end of the run is prepared: whoever has
/// left group and output of its step, and outlived it so, is killed then.
pub(super) fn next_tag(run: &State) -> Tag {
    let tag = run.get_or_init(|| {
        let tag = RunTag::new();
        let all = Tag { value: tag.prefix.clone(), own: tag.own };
        run.on_close(Box::new(|| Box::pin(sweep(all))));
        tag
    });
    Tag::fresh(&tag)
}

async fn sweep(tag: Tag) {
    let mut left = Group { leader: None, tag, closed: false };
    if left.terminate() > 0 && !left.gone(Instant::now() + SWEEP).await {
        left.kill().await;
    }
    left.close();
}

/// The processes of a step. Kills what is left of them when it is dropped before
/// [`close`](Self::close).
#[derive(Debug)]
pub(super) struct Group {
    /// The group's number, until it has ended: later the number may be another's.
    leader: Option<Pid>,
    tag: Tag,
    closed: bool,
}

impl Group {
    pub(super) fn of(child: &Child, tag: Tag) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        Self { leader, tag, closed: leader.is_none() }
    }

    /// Whether the group has ended, by the cheapest means: one system call.
    pub(super) fn over(&mut self) -> bool {
        let over = self.leader.is_none_or(|group| killpg(group, None).is_err());
        if over {
            self.leader = None;
        }
        over
    }

    /// Nothing is left to look after.
    pub(super) const fn close(&mut self) {
        self.closed = true;
    }

    /// Asks everything that belongs to the step to end; how many processes that were.
    pub(super) fn terminate(&self) -> usize {
        let found = self.processes();
        self.signal(&found, Signal::SIGTERM);
        // Whoever is stopped takes notice only when it goes on.
        self.signal(&found, Signal::SIGCONT);
        found.len()
    }

    /// Waits until nothing of the step is alive.
    pub(super) async fn gone(&mut self, until: Instant) -> bool {
        loop {
            if self.processes().is_empty() {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            sleep(LOOK).await;
        }
    }

    /// Kills everything that belongs to the step, and whatever that has started meanwhile.
    pub(super) async fn kill(&mut self) {
        for _ in 0..ROUNDS {
            let found = self.processes();
            if found.is_empty() {
                break;
            }
            self.signal(&found, Signal::SIGKILL);
            sleep(LOOK).await;
        }
    }

    fn signal(&self, processes: &[Pid], signal: Signal) {
        // Errors mean that the process is gone already.
        if let Some(group) = self.leader {
            let _ = killpg(group, signal);
        }
        for process in processes {
            let _ = kill(*process, signal);
        }
    }

    /// The living processes of the step: those in its group, and those that left it but bear
    /// its tag. A zombie is not alive: only its parent can take it away.
    fn processes(&self) -> Vec<Pid> {
        if self.closed {
            return Vec::new();
        }
        living(self.leader, self.tag.own()).unwrap_or_else(|| {
            // Without /proc the leader stands for its group.
            self.leader.into_iter().filter(|group| killpg(*group, None).is_ok()).collect()
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for _ in 0..ROUNDS {
            let found = self.processes();
            if found.is_empty() {
                return;
            }
            self.signal(&found, Signal::SIGKILL);
            // A killed process needs a moment to end; more than a few looks would hold up
            // whoever dropped the step.
            std::thread::yield_now();
        }
    }
}

/// Reads the list of processes; none where there is no such list.
fn living(group: Option<Pid>, tag: &str) -> Option<Vec<Pid>> {
    let needle = memchr::memmem::Finder::new(tag.as_bytes());
    let own = std::process::id();
    let entries = Path::new("/proc").read_dir().ok()?;
    let mut seen_any = false;
    let mut found = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        seen_any = true;
        if u32::try_from(pid) == Ok(own) {
            continue;
        }
        let Some(in_group) = is_alive_in(&entry.path(), group) else { continue };
        let tagged = || {
            std::fs::read(entry.path().join("environ"))
                .is_ok_and(|environ| needle.find(&environ).is_some())
        };
        if in_group || tagged() {
            found.push(Pid::from_raw(pid));
        }
    }
    seen_any.then_some(found)
}

/// Whether a process is in the group; nothing when it is not alive.
fn is_alive_in(process: &Path, group: Option<Pid>) -> Option<bool> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    // `pid (name) state ppid pgrp …`; the name may hold anything, brackets too.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    let pgrp = fields.nth(1)?.parse().ok().map(Pid::from_raw);
    Some(group.is_some() && pgrp == group)
}
