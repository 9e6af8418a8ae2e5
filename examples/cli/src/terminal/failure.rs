use std::fmt::Write;
use std::time::Duration;

use aei_core::event::{
    CaseRole, CaseStarted, CheckResult, Failure, Location, Phase, Status, StepFinished, StepStarted,
};
use aei_core::report::{CaseReport, StepReport};
use serde_json::Value;

use super::paint::{Paint, symbol, word};
use super::text::{duration, harmless, one_line, plural, shell_word};

/// What a person needs to know of a case that did not pass.
#[derive(Debug, Clone)]
pub(crate) struct FailedCase {
    pub(crate) file: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: CaseRole,
    pub(crate) status: Status,
    pub(crate) attempts: u32,
    pub(crate) location: Option<Location>,
    pub(crate) reason: Option<String>,
    pub(crate) steps: Vec<FailedStep>,
}

/// A step that did not pass.
#[derive(Debug, Clone)]
pub(crate) struct FailedStep {
    pub(crate) phase: Phase,
    pub(crate) name: String,
    pub(crate) uses: String,
    pub(crate) location: Option<Location>,
    pub(crate) status: Status,
    pub(crate) attempts: u32,
    pub(crate) duration: Duration,
    pub(crate) checks: Vec<CheckResult>,
    pub(crate) failure: Option<Failure>,
    pub(crate) output: String,
}

/// How many lines of a step's output are shown.
const OUTPUT_LINES: usize = 10;
/// How many lines of a diff or a long value are shown.
const VALUE_LINES: usize = 20;
/// How many characters of a one-line value are shown.
const VALUE_WIDTH: usize = 300;

impl FailedCase {
    pub(crate) fn new(started: &CaseStarted, file: &str, status: Status) -> Self {
        Self {
            file: file.to_owned(),
            id: started.id.clone(),
            name: started.name.clone(),
            role: started.role,
            status,
            attempts: started.attempt,
            location: started.location.clone(),
            reason: None,
            steps: Vec::new(),
        }
    }

    /// The bad parts of a stored case.
    pub(crate) fn from_report(case: &CaseReport, file: &str) -> Self {
        Self {
            file: file.to_owned(),
            id: case.id.clone(),
            name: case.name.clone(),
            role: case.role,
            status: case.status,
            attempts: u32::try_from(case.earlier.len() + 1).unwrap_or(u32::MAX),
            location: case.location.clone(),
            reason: case.reason.clone(),
            steps: case.steps.iter().filter(|s| s.status.is_bad()).map(Into::into).collect(),
        }
    }

    /// The whole story, as lines.
    ///
    /// `flags` are what the run was told besides its templates and cases.
    pub(crate) fn render(&self, paint: Paint, flags: &str) -> String {
        let mut text = String::new();
        let _ = write!(
            text,
            "{} {}",
            paint
                .status(self.status, format_args!("{} {}", symbol(self.status), word(self.status))),
            paint.bold(one_line(&self.id, VALUE_WIDTH))
        );
        if self.name != self.id {
            let _ = write!(text, "  {}", one_line(&self.name, VALUE_WIDTH));
        }
        if self.attempts > 1 {
            let _ = write!(text, " {}", paint.dim(format_args!("({} attempts)", self.attempts)));
        }
        text.push('\n');
        put_location(&mut text, 2, self.location.as_ref(), paint);
        if let Some(reason) = &self.reason {
            let _ = writeln!(text, "  {}", harmless(reason));
        }
        for step in &self.steps {
            text.push('\n');
            step.render(&mut text, paint);
        }
        if self.role == CaseRole::Case {
            let (file, id) = (shell_word(&self.file), shell_word(&self.id));
            let rerun = format!("aei run {file} --case {id}{flags}");
            let _ = writeln!(text, "\n  {} {rerun}", paint.dim("run it again:"));
        }
        text
    }
}

impl FailedStep {
    pub(crate) fn new(started: &StepStarted, finished: &StepFinished, output: String) -> Self {
        Self {
            phase: started.phase,
            name: started.name.clone(),
            uses: started.uses.clone(),
            location: started.location.clone(),
            status: finished.status,
            attempts: finished.attempts,
            duration: Duration::from_micros(finished.duration_us),
            checks: finished.checks.iter().filter(|check| !check.passed).cloned().collect(),
            failure: finished.failure.clone(),
            output: if output.is_empty() { answer(&finished.outcome) } else { output },
        }
    }

    fn render(&self, text: &mut String, paint: Paint) {
        let phase = match self.phase {
            Phase::Setup => "setup step",
            Phase::Steps => "step",
            Phase::Teardown => "teardown step",
        };
        let mut about = format!("{}, {}", self.uses, duration(self.duration));
        if self.attempts > 1 {
            let _ = write!(about, ", {}", plural(self.attempts as usize, "attempt"));
        }
        let _ = writeln!(
            text,
            "  {phase} {} {}",
            paint.bold(one_line(&self.name, VALUE_WIDTH)),
            paint.dim(format_args!("({about})"))
        );
        put_location(text, 4, self.location.as_ref(), paint);
        for check in &self.checks {
            render_check(text, check, paint);
        }
        if let Some(failure) = &self.failure {
            let status = paint.status(self.status, word(self.status));
            put_block(text, 4, &format!("{status}: "), &failure.message);
            if let Some(help) = &failure.help {
                put_block(text, 4, "help: ", help);
            }
            if failure.location != self.location {
                put_location(text, 4, failure.location.as_ref(), paint);
            }
        }
        self.render_output(text, paint);
    }

    fn render_output(&self, text: &mut String, paint: Paint) {
        let lines: Vec<&str> = self.output.trim_end().lines().collect();
        if lines.is_empty() {
            return;
        }
        if !self.checks.is_empty() {
            text.push('\n');
        }
        let shown = lines.len().min(OUTPUT_LINES);
        let title = if shown < lines.len() { "its output ends with" } else { "its output" };
        let _ = writeln!(text, "    {}", paint.dim(title));
        for line in &lines[lines.len() - shown..] {
            let _ = writeln!(text, "    {} {}", paint.dim("│"), harmless(&cut(line)));
        }
    }
}

impl From<&StepReport> for FailedStep {
    fn from(step: &StepReport) -> Self {
        Self {
            phase: step.phase,
            name: step.name.clone(),
            uses: step.uses.clone(),
            location: step.location.clone(),
            status: step.status,
            attempts: step.attempts,
            duration: Duration::from_micros(step.duration_us),
            checks: step.checks.iter().filter(|check| !check.passed).cloned().collect(),
            failure: step.failure.clone(),
            output: match step.output.as_slice() {
                [] => answer(&step.outcome),
                pieces => pieces.iter().map(|piece| piece.text.as_str()).collect(),
            },
        }
    }
}

/// What the other side said: by custom, an outcome keeps it as `text`.
fn answer(outcome: &Value) -> String {
    outcome.get("text").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn render_check(text: &mut String, check: &CheckResult, paint: Paint) {
    let what = format!("{} {}", check.that, check.operator.key());
    let title = check.name.as_ref().map_or(what.clone(), |name| format!("{name}: {what}"));
    let _ = writeln!(text, "\n    {} {}", paint.bad("✗"), one_line(&title, VALUE_WIDTH));
    // Mostly the message only says what the lines below say.
    let told = format!("expected {}", check.that);
    if let Some(message) = check.message.as_ref().filter(|message| !message.starts_with(&told)) {
        put_block(text, 6, "", message);
    }
    if let Some(diff) = &check.diff {
        render_diff(text, diff, paint);
    } else {
        put_block(text, 6, "expected  ", &expected(check));
        match &check.actual {
            Some(actual) => put_block(text, 6, "actual    ", &shown(actual)),
            None => put_block(text, 6, "actual    ", "nothing there"),
        }
    }
    put_location(text, 6, check.location.as_ref(), paint);
}

/// What was expected, so that it reads well without the operator.
fn expected(check: &CheckResult) -> String {
    let value = shown(&check.expected);
    match (check.operator.key(), check.expected.as_array().map(Vec::as_slice)) {
        ("lt", _) => format!("< {value}"),
        ("le", _) => format!("<= {value}"),
        ("gt", _) => format!("> {value}"),
        ("ge", _) => format!(">= {value}"),
        ("not_equals", _) => format!("not {value}"),
        ("between", Some([low, high])) => format!("{low} to {high}"),
        _ => value,
    }
}

fn render_diff(text: &mut String, diff: &str, paint: Paint) {
    let lines: Vec<&str> = diff.trim_end().lines().collect();
    let _ = writeln!(text, "      {} {}", paint.removed("- expected"), paint.good("+ actual"));
    for line in
        lines.iter().filter(|l| !l.starts_with("---") && !l.starts_with("+++")).take(VALUE_LINES)
    {
        let line = harmless(&cut(line));
        let line = match line.as_bytes().first() {
            Some(b'+') => paint.good(line),
            Some(b'-') => paint.removed(line),
            Some(b'@') => paint.dim(line),
            _ => line,
        };
        let _ = writeln!(text, "      {line}");
    }
    if lines.len() > VALUE_LINES {
        let more = plural(lines.len() - VALUE_LINES, "more line");
        let _ = writeln!(text, "      {}", paint.dim(format_args!("… {more} in the report")));
    }
}

fn put_location(text: &mut String, indent: usize, location: Option<&Location>, paint: Paint) {
    if let Some(location) = location {
        let _ = writeln!(text, "{:indent$}{}", "", paint.place(format_args!("at {location}")));
    }
}

/// A text after a title; further lines stand under its first.
fn put_block(text: &mut String, indent: usize, title: &str, block: &str) {
    let hang = indent + strip(title).chars().count();
    for (place, line) in block.trim_end().lines().take(VALUE_LINES).enumerate() {
        let line = harmless(&cut(line));
        let _ = match place {
            0 => writeln!(text, "{:indent$}{title}{line}", ""),
            _ => writeln!(text, "{:hang$}{line}", ""),
        };
    }
    if block.trim_end().is_empty() {
        let _ = writeln!(text, "{:indent$}{}", "", title.trim_end());
    }
    let lines = block.trim_end().lines().count();
    if lines > VALUE_LINES {
        let _ = writeln!(text, "{:hang$}… {}", "", plural(lines - VALUE_LINES, "more line"));
    }
}

fn strip(styled: &str) -> String {
    anstream::adapter::strip_str(styled).to_string()
}

/// A value as people read it: JSON, but long texts as they are.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('\n') => text.clone(),
        other => other.to_string(),
    }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(VALUE_WIDTH) {
        None => line.to_owned(),
        Some((at, _)) => {
            let more = line[at..].chars().count();
            format!("{}… ({} more)", &line[..at], plural(more, "character"))
        }
    }
}
