use std::fs::File;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aei_core::event::{CaseIndex, Event, EventBody, RunId, Seq};
use bytes::{BufMut, Bytes};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Ballast;
use super::batch::{Batch, Limits};
use super::segment::{Segment, add};

/// The events of one command on disk.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    run_id: RunId,
    ballast: Arc<Ballast>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    segments: Vec<Segment>,
    active: Option<File>,
    /// The newest lines, on their way into the active segment.
    buffer: Vec<u8>,
    /// The number of the first event in the buffer.
    buffered: u64,
    /// The number of the next event.
    next: u64,
    /// All before are with the server.
    acknowledged: u64,
    /// All before were handed to the uploader.
    taken: u64,
    /// When the oldest that waits for the uploader came.
    waiting_since: Option<Instant>,
    waiting_bytes: usize,
    /// All before are in the reports of their cases, if those have ended.
    reported: u64,
    /// Where `run_started` is: needed to tell what ran.
    started: Option<u64>,
    /// The cases whose reports are not on disk.
    open: Vec<Open>,
    /// Nothing further comes.
    closed: bool,
    /// What was found of before is kept until it is closed.
    hold: bool,
    trouble: Option<String>,
}

/// A case whose events are needed still.
#[derive(Debug)]
struct Open {
    case: CaseIndex,
    /// The number of its first event.
    first: u64,
    /// It has ended; its report is on disk after the next flush.
    ended: bool,
}

/// The size at which a segment is followed by the next.
const SEGMENT: u64 = 1 << 20;
/// How much gathers before it is written without being asked.
const BUFFER: usize = 64 << 10;
/// How much is held in memory when the disk takes nothing.
const HELD: usize = 4 << 20;
/// How long an event may wait for company.
const LINGER: Duration = Duration::from_millis(100);

/// An event as it is stored: with the number that the server knows it by.
#[derive(Serialize)]
struct Line<'a> {
    run_id: RunId,
    seq: Seq,
    at: DateTime<Utc>,
    event: &'a EventBody,
}

impl Spool {
    /// Opens the folder of a command, new or left by a process of before.
    pub(crate) fn open(folder: &Path, run_id: RunId, ballast: Arc<Ballast>) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let segments = Segment::list(folder)?;
        let next = segments.last().map_or(0, |last| last.next);
        let first = segments.first().map_or(0, |first| first.first);
        let state = State {
            hold: !segments.is_empty(),
            active: None,
            buffer: Vec::new(),
            buffered: next,
            next,
            acknowledged: first,
            taken: first,
            waiting_since: (next > first).then(Instant::now),
            waiting_bytes: 0,
            reported: 0,
            started: None,
            open: Vec::new(),
            closed: false,
            trouble: None,
            segments,
        };
        let (folder, state) = (folder.to_owned(), Mutex::new(state));
        Ok(Self { folder, run_id, ballast, state, changed: Notify::new() })
    }

    /// The events that are kept of the last attempt: its first, and all of each case that had not
    /// ended.
    pub(crate) fn events(&self) -> io::Result<Vec<Event>> {
        let state = self.lock();
        let mut events: Vec<Event> = Vec::new();
        for segment in &state.segments {
            for line in segment.read_from(0)?.lines() {
                let Ok(event) = serde_json::from_str::<Event>(&line?) else { break };
                if matches!(event.event, EventBody::RunStarted(_)) {
                    events.clear();
                }
                events.push(event);
            }
        }
        Ok(events)
    }

    /// Takes the next event. Never waits for the network.
    ///
    /// # Errors
    /// When the disk takes nothing and memory is used up.
    pub(super) fn append(&self, event: &Event) -> Result<(), String> {
        let mut state = self.lock();
        let state = &mut *state;
        if state.buffer.len() > HELD {
            return Err(state.trouble.clone().unwrap_or_else(|| "the disk is full".to_owned()));
        }
        let alone = matches!(event.event, EventBody::RunStarted(_));
        if alone {
            self.rotate(state);
        }
        let before = state.buffer.len();
        let line =
            Line { run_id: self.run_id, seq: Seq(state.next), at: event.at, event: &event.event };
        if serde_json::to_writer((&mut state.buffer).writer(), &line).is_err() {
            state.buffer.truncate(before);
            return Ok(());
        }
        state.buffer.push(b'\n');
        let length = state.buffer.len() - before;
        state.note(event);
        state.next += 1;
        state.waiting_since.get_or_insert_with(Instant::now);
        let full_before = state.is_full();
        state.waiting_bytes += length;
        if state.buffer.len() >= BUFFER || alone {
            self.write(state);
        }
        let large = state.segments.last().is_some_and(|last| last.bytes >= SEGMENT);
        if large || alone {
            self.rotate(state);
        }
        if state.next - state.taken == 1 || state.is_full() != full_before {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Hands to the file what is in memory. By now the reports of all cases that have ended are
    /// on disk, since the run's folder is flushed first.
    pub(super) fn flush(&self) {
        let mut state = self.lock();
        self.write(&mut state);
        state.reported = state.next;
        state.open.retain(|open| !open.ended);
        state.prune();
    }

    /// Nothing further comes, and the report is on disk: only the server decides what goes.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        self.write(&mut state);
        if let Some(file) = &state.active {
            let _ = file.sync_data();
        }
        state.active = None;
        state.closed = true;
        state.prune();
        drop(state);
        self.changed.notify_one();
    }

    /// The next batch, once there is reason to send one; `None` when all is sent and closed.
    pub(crate) async fn batch(self: &Arc<Self>, limits: Limits) -> io::Result<Option<Batch>> {
        loop {
            let changed = self.changed.notified();
            let pause = {
                let state = self.lock();
                match state.readiness() {
                    Readiness::Done => return Ok(None),
                    Readiness::Now => None,
                    Readiness::In(pause) => Some(pause),
                    Readiness::Nothing => Some(Duration::MAX),
                }
            };
            match pause {
                Some(pause) if pause == Duration::MAX => changed.await,
                Some(pause) => {
                    let _ = tokio::time::timeout(pause, changed).await;
                }
                None => {
                    let spool = Arc::clone(self);
                    let read = tokio::task::spawn_blocking(move || spool.read(limits));
                    return read.await.map_err(io::Error::other)?.map(Some);
                }
            }
        }
    }

    /// What comes after what was taken.
    fn read(&self, limits: Limits) -> io::Result<Batch> {
        let mut state = self.lock();
        self.write(&mut state);
        let first = state.taken;
        let mut next = first;
        let mut lines = Vec::new();
        let room = |next: u64, lines: &Vec<u8>| {
            next - first < limits.events && (lines.len() < limits.bytes || next == first)
        };
        for segment in state.segments.iter().filter(|segment| segment.next > first) {
            if segment.first > next {
                break;
            }
            let mut reader = segment.read_from(segment.offset_of(next)?)?;
            while next < segment.next && room(next, &lines) {
                reader.read_until(b'\n', &mut lines)?;
                next += 1;
            }
        }
        // A disk that takes nothing does not keep events from being sent.
        if next >= state.buffered {
            let held = state.buffer.split_inclusive(|&byte| byte == b'\n');
            let skip = usize::try_from(next - state.buffered).unwrap_or(usize::MAX);
            for line in held.skip(skip) {
                if !room(next, &lines) {
                    break;
                }
                lines.extend_from_slice(line);
                next += 1;
            }
        }
        if next == first {
            let lost = format!("events from {first} on are missing in `{}`", self.shown());
            return Err(io::Error::other(lost));
        }
        state.taken = next;
        let all = state.next == next;
        state.waiting_since = (!all).then(Instant::now);
        state.waiting_bytes = if all { 0 } else { limits.bytes };
        Ok(Batch { first, next, lines: Bytes::from(lines) })
    }

    /// The server has all before `next` and wants to be sent what follows.
    ///
    /// # Errors
    /// The first number that is still here, when that is gone.
    pub(crate) fn acknowledged(&self, next: u64) -> Result<(), u64> {
        let mut state = self.lock();
        let first = state.segments.first().map_or(state.buffered, |first| first.first);
        state.acknowledged = state.acknowledged.max(next.min(state.next));
        let known = next.min(state.next);
        state.taken = known;
        state.waiting_since = (known < state.next).then(Instant::now);
        if known == state.next {
            state.waiting_bytes = 0;
        }
        state.release();
        state.prune();
        if next < first { Err(first) } else { Ok(()) }
    }

    /// Goes on numbering where the server is, when that is further than what is here: the last
    /// events before a power cut may be known there and not here.
    pub(crate) fn catch_up(&self, next: u64) {
        let mut state = self.lock();
        if next > state.next {
            self.rotate(&mut state);
            state.next = next;
            state.buffered = next;
            state.taken = next;
            state.acknowledged = next;
            state.waiting_since = None;
        }
    }

    /// The number of the first event that is still here.
    pub(crate) fn first(&self) -> u64 {
        let state = self.lock();
        state.segments.first().map_or(state.buffered, |first| first.first)
    }

    /// How many events there are in all.
    pub(crate) fn count(&self) -> u64 {
        self.lock().next
    }

    /// What keeps events from the disk.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the buffer. A full disk is given the ballast, once.
    fn write(&self, state: &mut State) {
        while !state.buffer.is_empty() {
            match self.write_some(state) {
                Ok(()) => {}
                Err(error) if state.trouble.is_none() => {
                    let reason = format!("cannot keep events in `{}`: {error}", self.shown());
                    tracing::error!(%reason, "the run is stopped");
                    state.trouble = Some(reason);
                    self.ballast.give_up();
                    self.changed.notify_one();
                }
                Err(_) => return,
            }
        }
    }

    fn write_some(&self, state: &mut State) -> io::Result<()> {
        if state.active.is_none() {
            let (segment, file) = Segment::create(&self.folder, state.buffered)?;
            state.segments.push(segment);
            state.active = Some(file);
        }
        let (Some(file), Some(segment)) = (&mut state.active, state.segments.last_mut()) else {
            return Ok(());
        };
        add(file, segment.bytes, &state.buffer)?;
        segment.bytes += state.buffer.len() as u64;
        segment.next = state.next;
        state.buffer.clear();
        state.buffered = state.next;
        Ok(())
    }

    fn rotate(&self, state: &mut State) {
        self.write(state);
        if state.buffer.is_empty() {
            state.active = None;
        }
    }

    fn shown(&self) -> std::path::Display<'_> {
        self.folder.display()
    }
}

enum Readiness {
    Now,
    In(Duration),
    Nothing,
    Done,
}

impl State {
    fn readiness(&self) -> Readiness {
        if self.taken == self.next {
            return if self.closed { Readiness::Done } else { Readiness::Nothing };
        }
        // The first sign that something runs is not kept waiting for company.
        if self.closed || self.taken == 0 || self.is_full() {
            return Readiness::Now;
        }
        let waited = self.waiting_since.map_or(LINGER, |since| since.elapsed());
        LINGER
            .checked_sub(waited)
            .filter(|rest| !rest.is_zero())
            .map_or(Readiness::Now, |rest| Readiness::In(rest))
    }

    const fn is_full(&self) -> bool {
        self.next - self.taken >= Limits::USUAL.events || self.waiting_bytes >= Limits::USUAL.bytes
    }

    /// Keeps count of what must be kept.
    fn note(&mut self, event: &Event) {
        match &event.event {
            EventBody::RunStarted(_) => {
                self.started = Some(self.next);
                self.open.clear();
            }
            EventBody::CaseStarted(started) => {
                let case = started.case;
                if !self.open.iter().any(|open| open.case == case) {
                    self.open.push(Open { case, first: self.next, ended: false });
                }
            }
            EventBody::CaseFinished(finished) if !finished.will_retry => {
                let case = finished.case;
                if let Some(open) = self.open.iter_mut().find(|open| open.case == case) {
                    open.ended = true;
                }
            }
            _ => {}
        }
    }

    /// Forgets what is only in memory, since the disk took nothing, and with the server now.
    fn release(&mut self) {
        while self.trouble.is_some() && self.buffered < self.acknowledged {
            let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') else { break };
            self.buffer.drain(..=end);
            self.buffered += 1;
            // The next line that goes to a file is no neighbour of the last one there.
            self.active = None;
        }
    }

    /// Deletes what nobody needs any more.
    fn prune(&mut self) {
        let mut limit = self.acknowledged;
        if !self.closed {
            if self.hold {
                return;
            }
            let open = self.open.iter().map(|open| open.first).min();
            limit = limit.min(self.reported).min(open.unwrap_or(u64::MAX));
        }
        let last = self.segments.len().saturating_sub(usize::from(self.active.is_some()));
        let mut place = 0;
        let (started, closed) = (self.started, self.closed);
        self.segments.retain(|segment| {
            place += 1;
            let needed = !closed && started == Some(segment.first);
            let goes = place <= last && segment.next <= limit && !needed;
            if goes {
                segment.delete();
            }
            !goes
        });
    }
}
