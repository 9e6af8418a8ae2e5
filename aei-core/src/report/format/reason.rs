use std::fmt::Write as _;

use serde_json::Value;

use crate::event::{CheckResult, Location, Status};
use crate::report::{CaseReport, StepReport};

/// One thing that kept a case from passing.
#[derive(Debug, Clone)]
pub struct Reason<'a> {
    /// The step it happened in; `None` when it is about the case as a whole.
    pub step: Option<&'a StepReport>,
    /// What is wrong, as a line.
    pub message: String,
    /// What to do about it.
    pub help: Option<&'a str>,
    /// Expected against actual.
    pub diff: Option<&'a str>,
    /// Where it is written.
    pub location: Option<&'a Location>,
}

/// Why a case did not pass: every check that did not hold, every step that could not be carried
/// out. Empty for a case that passed.
pub fn reasons(case: &CaseReport) -> Vec<Reason<'_>> {
    of_attempt(case.status, case.reason.as_deref(), &case.steps, case.location.as_ref())
}

/// Like [`reasons`], of one attempt.
pub(super) fn of_attempt<'a>(
    status: Status,
    reason: Option<&str>,
    steps: &'a [StepReport],
    location: Option<&'a Location>,
) -> Vec<Reason<'a>> {
    let mut all = Vec::new();
    if status == Status::Passed {
        return all;
    }
    if let Some(reason) = reason {
        let message = reason.to_owned();
        all.push(Reason { step: None, message, help: None, diff: None, location });
    }
    for step in steps.iter().filter(|step| step.status.is_bad()) {
        of_step(step, &mut all);
    }
    all
}

fn of_step<'a>(step: &'a StepReport, all: &mut Vec<Reason<'a>>) {
    let before = all.len();
    if let Some(failure) = &step.failure {
        all.push(Reason {
            step: Some(step),
            message: failure.message.clone(),
            help: failure.help.as_deref(),
            diff: None,
            location: failure.location.as_ref().or(step.location.as_ref()),
        });
    }
    for check in step.checks.iter().filter(|check| !check.passed) {
        all.push(Reason {
            step: Some(step),
            message: check_line(check),
            help: None,
            diff: check.diff.as_deref(),
            location: check.location.as_ref().or(step.location.as_ref()),
        });
    }
    if all.len() == before {
        let message = format!("the step is {}", step.status.as_str().replace('_', " "));
        let location = step.location.as_ref();
        all.push(Reason { step: Some(step), message, help: None, diff: None, location });
    }
}

/// What a check that did not hold has to say, as a line.
pub(super) fn check_line(check: &CheckResult) -> String {
    let mut line = String::new();
    if let Some(name) = &check.name {
        let _ = write!(line, "{name}: ");
    }
    match &check.message {
        Some(message) if message.contains(&check.that) => line.push_str(message),
        Some(message) => {
            let _ = write!(line, "`{}`: {message}", check.that);
        }
        None => {
            let expected = short(&check.expected);
            let _ = write!(line, "`{}` {} {expected}, but ", check.that, check.operator.key());
            match &check.actual {
                Some(actual) => {
                    let _ = write!(line, "it is {}", short(actual));
                }
                None => line.push_str("nothing was found"),
            }
        }
    }
    line
}

/// A value on one line, cut when it is long.
pub(super) fn short(value: &Value) -> String {
    let mut text = value.to_string();
    if let Some((cut, _)) = text.char_indices().nth(200) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

impl Reason<'_> {
    /// The reason on several lines, without a newline at the end.
    pub(super) fn write_plain(&self, text: &mut String) {
        if let Some(step) = self.step {
            let _ = write!(text, "{} ({}): ", step.name, step.uses);
        }
        text.push_str(&self.message);
        if let Some(location) = self.location {
            let _ = write!(text, "\n  at {location}");
        }
        if let Some(help) = self.help {
            let _ = write!(text, "\n  help: {help}");
        }
        for line in self.diff.unwrap_or("").lines() {
            let _ = write!(text, "\n  {line}");
        }
    }
}

/// The first line of the first reason, and all of them.
pub(super) fn headline_and_text(reasons: &[Reason<'_>]) -> (String, String) {
    let headline = reasons.first().map(|reason| first_line(&reason.message)).unwrap_or_default();
    let mut text = String::new();
    for reason in reasons {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        reason.write_plain(&mut text);
    }
    (headline.to_owned(), text)
}

pub(super) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}
