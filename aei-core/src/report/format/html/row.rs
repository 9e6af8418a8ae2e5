use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::json::Json;
use super::pool::Pool;
use super::raw::{Artifact, Attempt, Case, Check, Failure, Location, Measurement, Step};
use crate::event::{CaseRole, Phase, Status};
use crate::report::OutputText;
use crate::report::format::Options;
use crate::runner::OutputStream;
use crate::template::Operator;

/// How much is kept of a text of a case that passed.
const SHORT: usize = 400;
/// How much is kept of a text of a case that did not.
const LONG: usize = 64 * 1024;
/// How much extra text of passed cases is kept over the whole page.
const BUDGET: usize = 1024 * 1024;
/// Pictures past this stay files beside the page.
const PICTURE: usize = 2 * 1024 * 1024;
/// All pictures together.
const PICTURES: usize = 24 * 1024 * 1024;

/// Makes a row of the page's table of each case. `assets/data.js` reads them.
pub(super) struct Rows<'a> {
    pub(super) json: Json,
    pub(super) pool: Pool,
    files: Vec<String>,
    start: DateTime<Utc>,
    options: &'a Options<'a>,
    budget: usize,
    pictures: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(files: Vec<String>, start: DateTime<Utc>, options: &'a Options<'a>) -> Self {
        let (json, pool) = (Json::default(), Pool::default());
        Self { json, pool, files, start, options, budget: BUDGET, pictures: PICTURES }
    }

    /// The row, in `self.json`.
    pub(super) fn case(&mut self, case: &Case<'_>) {
        let everything = case.status != Status::Passed || case.flaky;
        let since = (case.started_at - self.start).num_microseconds().unwrap_or(0);
        let role = match case.role {
            CaseRole::Case => 0,
            CaseRole::Setup => 2,
            CaseRole::Teardown => 4,
        };
        self.json.clear();
        self.json.open(b'[');
        self.json.number(case.case.into());
        self.json.number(case.suite.into());
        self.json.text(&case.id);
        if *case.name == *case.id {
            self.json.number(0);
        } else {
            self.json.text(&case.name);
        }
        self.json.number(status(case.status));
        self.json.number(role + u64::from(case.flaky));
        self.json.number(u64::try_from(since).unwrap_or(0));
        self.json.number(case.duration_us);
        let file = self.files.get(case.suite as usize).cloned().unwrap_or_default();
        self.place(case.location.as_ref(), &file);
        self.list(&case.tags, |rows, tag| rows.pooled(tag));
        self.list(&case.steps, |rows, step| rows.step(step, &file, everything));
        let matrix = case.matrix.filter(|matrix| matrix.get() != "{}");
        if everything || matrix.is_some() {
            self.json.open(b'{');
            if let Some(reason) = &case.reason {
                self.json.key("r");
                self.json.text(reason);
            }
            if let Some(matrix) = matrix {
                self.json.key("m");
                self.json.text(cut(matrix.get(), LONG));
            }
            if !case.earlier.is_empty() {
                self.json.key("e");
                self.list(&case.earlier, |rows, attempt| rows.attempt(attempt, &file));
            }
            self.json.close(b'}');
        }
        self.json.close(b']');
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        if items.is_empty() {
            return self.json.number(0);
        }
        self.json.open(b'[');
        for item in items {
            each(self, item);
        }
        self.json.close(b']');
    }

    fn pooled(&mut self, text: &str) {
        match self.pool.number(text) {
            Some(number) => self.json.number(number.into()),
            None => self.json.text(text),
        }
    }

    /// A line alone when the file is the suite's.
    fn place(&mut self, location: Option<&Location<'_>>, file: &str) {
        match location {
            None => self.json.number(0),
            Some(location) if *location.file == *file => self.json.number(location.line.into()),
            Some(location) => self.json.text(&format!("{}:{}", &*location.file, location.line)),
        }
    }

    fn attempt(&mut self, attempt: &Attempt<'_>, file: &str) {
        self.json.open(b'[');
        self.json.number(status(attempt.status));
        self.json.text(attempt.reason.as_deref().unwrap_or(""));
        self.json.number(attempt.duration_us);
        self.list(&attempt.steps, |rows, step| rows.step(step, file, true));
        self.json.close(b']');
    }

    fn step(&mut self, step: &Step<'_>, file: &str, everything: bool) {
        self.json.open(b'[');
        self.pooled(&step.name);
        self.pooled(&step.uses);
        self.json.number(status(step.status));
        self.json.number(step.duration_us);
        self.json.number(step.attempts.into());
        self.json.number(match step.phase {
            Phase::Steps => 0,
            Phase::Setup => 1,
            Phase::Teardown => 2,
        });
        self.place(step.location.as_ref(), file);
        self.list(&step.checks, |rows, check| rows.check(check, file));
        let spare = self.budget;
        let extra = everything || step.failure.is_some() || (has_extra(step) && spare > 0);
        if extra {
            let before = self.json.bytes.len();
            self.extra(step, file, everything);
            if !everything {
                self.budget = spare.saturating_sub(self.json.bytes.len() - before);
            }
        }
        self.json.close(b']');
    }

    fn extra(&mut self, step: &Step<'_>, file: &str, everything: bool) {
        let keep = if everything { LONG } else { SHORT };
        self.json.open(b'{');
        if let Some(failure) = &step.failure {
            self.json.key("f");
            self.failure(failure, file);
        }
        if let Some(captured) = step.captured.filter(|captured| captured.get() != "{}") {
            self.json.key("c");
            self.json.text(cut(captured.get(), keep));
        }
        if let Some(outcome) = step.outcome.filter(|_| everything) {
            self.json.key("r");
            self.json.text(cut(outcome.get(), keep));
        }
        if !step.output.is_empty() {
            self.json.key("o");
            self.list(&step.output, |rows, piece| rows.output(piece, keep));
        }
        if !step.artifacts.is_empty() {
            self.json.key("x");
            self.list(&step.artifacts, Self::artifact);
        }
        self.json.close(b'}');
    }

    fn failure(&mut self, failure: &Failure<'_>, file: &str) {
        self.json.open(b'[');
        self.json.text(&failure.message);
        self.json.text(failure.help.as_deref().unwrap_or(""));
        self.place(failure.location.as_ref(), file);
        self.json.close(b']');
    }

    fn output(&mut self, piece: &OutputText, keep: usize) {
        self.json.open(b'[');
        self.json.number(match piece.stream {
            OutputStream::Stdout => 0,
            OutputStream::Stderr => 1,
            OutputStream::Log => 2,
        });
        self.json.text(cut(&piece.text, keep));
        self.json.number((piece.text.len() - cut(&piece.text, keep).len()) as u64);
        self.json.close(b']');
    }

    /// A check that held is a text and, where it says more, what was found; any other is a map.
    fn check(&mut self, check: &Check<'_>, file: &str) {
        if check.passed && check.measurement.is_none() && check.name.is_none() {
            let expected = cut(check.expected.get(), SHORT);
            let text = format!("{}\t{}\t{expected}", &*check.that, check.operator.key());
            let same = check.operator == Operator::Equals || check.operator == Operator::Exists;
            match check.actual.filter(|actual| !same && actual.get().len() <= 80) {
                None => self.pooled(&text),
                Some(actual) => {
                    self.json.open(b'[');
                    self.pooled(&text);
                    self.pooled(actual.get());
                    self.json.close(b']');
                }
            }
            return;
        }
        self.json.open(b'{');
        self.json.key("t");
        self.pooled(&check.that);
        self.json.key("k");
        self.pooled(check.operator.key());
        self.json.key("p");
        self.json.number(check.passed.into());
        self.json.key("e");
        self.json.text(cut(check.expected.get(), LONG));
        if let Some(actual) = check.actual {
            self.json.key("a");
            self.json.text(cut(actual.get(), LONG));
        }
        for (key, text) in [("n", &check.name), ("m", &check.message), ("d", &check.diff)] {
            if let Some(text) = text {
                self.json.key(key);
                self.json.text(cut(text, LONG));
            }
        }
        if let Some(measurement) = &check.measurement {
            self.json.key("u");
            self.measurement(measurement);
        }
        if check.location.is_some() {
            self.json.key("l");
            self.place(check.location.as_ref(), file);
        }
        self.json.close(b'}');
    }

    fn measurement(&mut self, measurement: &Measurement<'_>) {
        self.json.open(b'[');
        self.pooled(&measurement.name);
        self.json.float(measurement.value);
        self.pooled(measurement.unit.as_deref().unwrap_or(""));
        self.json.float(measurement.limits.low);
        self.json.float(measurement.limits.high);
        self.json.close(b']');
    }

    fn artifact(&mut self, artifact: &Artifact<'_>) {
        self.json.open(b'[');
        self.json.text(&artifact.name);
        self.pooled(&artifact.media_type);
        self.json.text(&artifact.path);
        self.json.number(artifact.size);
        if let Some(picture) = self.picture(artifact) {
            self.json.text(&picture);
        }
        self.json.close(b']');
    }

    fn picture(&mut self, artifact: &Artifact<'_>) -> Option<String> {
        const KINDS: [&str; 5] =
            ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];
        let room = PICTURE.min(self.pictures) as u64;
        if !KINDS.contains(&&*artifact.media_type) || artifact.size > room {
            return None;
        }
        let bytes = (self.options.artifact)(&artifact.path)?;
        self.pictures = self.pictures.checked_sub(bytes.len())?;
        Some(format!("data:{};base64,{}", &*artifact.media_type, STANDARD.encode(bytes)))
    }
}

fn has_extra(step: &Step<'_>) -> bool {
    !step.output.is_empty()
        || !step.artifacts.is_empty()
        || step.captured.is_some_and(|captured| captured.get() != "{}")
}

/// The place of a status in [`Status::ALL`], which the script knows by heart.
fn status(status: Status) -> u64 {
    Status::ALL.iter().position(|&other| other == status).unwrap_or(0) as u64
}

/// The beginning of a text.
fn cut(text: &str, keep: usize) -> &str {
    if text.len() <= keep {
        return text;
    }
    let mut end = keep;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
