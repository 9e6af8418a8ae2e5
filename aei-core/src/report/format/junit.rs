//! JUnit XML that fits both Surefire's schema (each `testsuite`) and that of Jenkins' xUnit plugin
//! (the whole document).
//!
//! Surefire allows no `timestamp` on a `testsuite`, so when it started is a property. Neither allows
//! `file`, `line` or `properties` on a `testcase`, so the place stands in the text of a failure, and measurements and artifacts are written into `system-out` in the convention
//! that Jenkins, GitLab and others read: `[[PROPERTY|name=value]]`, `[[ATTACHMENT|path]]`.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::WriteError;
use super::duration::Seconds;
use super::reason::{headline_and_text, of_attempt};
use super::xml::{Attribute, Content};
use crate::event::{CaseRole, Status, Summary};
use crate::report::{Attempt, CaseReport, CaseSource, ReportHead, StepReport, SuiteReport};
use crate::runner::OutputStream;

pub(super) fn write(source: &mut dyn CaseSource, out: &mut dyn Write) -> Result<(), WriteError> {
    let head = source.head().clone();
    let counts = Counts::of(&head.summary);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="{}" tests="{}" failures="{}" errors="{}" time="{}">"#,
        Attribute(&head.name),
        counts.tests,
        counts.failures,
        counts.errors,
        Seconds(head.duration_us),
    )?;
    let in_order = head.complete && head.seed.is_none();
    if in_order {
        stream(source, &head, out)?;
    } else {
        collect(source, &head, out)?;
    }
    out.write_all(b"</testsuites>\n")?;
    Ok(out.flush()?)
}

/// The cases of a suite stand together and the head knows the counts: nothing is kept.
fn stream(
    source: &mut dyn CaseSource,
    head: &ReportHead,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let mut open = None;
    let mut text = String::new();
    source.each_case(&mut |case| {
        if !counts(case) {
            return Ok(());
        }
        if open != Some(case.suite) {
            if open.replace(case.suite).is_some() {
                out.write_all(b"  </testsuite>\n")?;
            }
            if let Some(suite) = head.suites.get(case.suite as usize) {
                start_suite(out, head, suite, &Counts::of(&suite.summary))?;
            }
        }
        text.clear();
        testcase(&mut text, case, head);
        out.write_all(text.as_bytes())
    })?;
    if open.is_some() {
        out.write_all(b"  </testsuite>\n")?;
    }
    Ok(())
}

/// Suites may alternate, or cases may be missing: each suite is counted and kept until the end.
fn collect(
    source: &mut dyn CaseSource,
    head: &ReportHead,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let mut bodies = vec![(Summary::default(), String::new()); head.suites.len()];
    source.each_case(&mut |case| {
        if let Some((summary, body)) = bodies.get_mut(case.suite as usize)
            && counts(case)
        {
            summary.total += 1;
            summary.count(case.status, case.flaky);
            testcase(body, case, head);
        }
        Ok(())
    })?;
    for (suite, (summary, body)) in head.suites.iter().zip(bodies) {
        start_suite(out, head, suite, &Counts::of(&summary))?;
        out.write_all(body.as_bytes())?;
        out.write_all(b"  </testsuite>\n")?;
    }
    Ok(())
}

/// As in the summary: setup and teardown only when they are bad.
fn counts(case: &CaseReport) -> bool {
    case.role == CaseRole::Case || case.status.is_bad()
}

struct Counts {
    tests: u32,
    failures: u32,
    errors: u32,
    skipped: u32,
}

impl Counts {
    const fn of(summary: &Summary) -> Self {
        Self {
            tests: summary.total,
            failures: summary.failed,
            errors: summary.errored + summary.timed_out + summary.refused,
            skipped: summary.skipped + summary.cancelled,
        }
    }
}

fn start_suite(
    out: &mut dyn Write,
    head: &ReportHead,
    suite: &SuiteReport,
    counts: &Counts,
) -> io::Result<()> {
    writeln!(
        out,
        r#"  <testsuite name="{}" tests="{}" failures="{}" errors="{}" skipped="{}" time="{}">"#,
        Attribute(&suite.name),
        counts.tests,
        counts.failures,
        counts.errors,
        counts.skipped,
        Seconds(suite.duration_us),
    )?;
    let property = |out: &mut dyn Write, name: &dyn std::fmt::Display, value: &str| {
        let (name, value) = (Attribute(name), Attribute(value));
        writeln!(out, r#"      <property name="{name}" value="{value}"/>"#)
    };
    out.write_all(b"    <properties>\n")?;
    property(out, &"run_id", &head.run_id.to_string())?;
    let started = head.started_at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
    property(out, &"started_at", &started.to_string())?;
    property(out, &"file", &suite.file)?;
    for (name, value) in &suite.labels {
        property(out, &format_args!("label.{name}"), value)?;
    }
    for (name, value) in &suite.inputs {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        property(out, &format_args!("input.{name}"), &text)?;
    }
    for (name, value) in &head.node {
        property(out, &format_args!("node.{name}"), value)?;
    }
    out.write_all(b"    </properties>\n")
}

fn testcase(text: &mut String, case: &CaseReport, head: &ReportHead) {
    let class = head.suites.get(case.suite as usize).map_or("", |suite| &suite.name);
    let _ = write!(
        text,
        r#"    <testcase name="{}" classname="{}" time="{}">"#,
        Attribute(display_name(case)),
        Attribute(class),
        Seconds(case.duration_us)
    );
    let start = text.len();
    let verdict = Verdict::of(case.status);
    if verdict == Verdict::Failure {
        last_attempt(text, case, "failure");
    }
    earlier(text, case, Verdict::Failure);
    if verdict == Verdict::Skipped {
        let reason = case.reason.as_deref().unwrap_or(case.status.as_str());
        let _ = write!(text, "\n      <skipped message=\"{}\"/>", Attribute(reason));
    }
    if verdict == Verdict::Error {
        last_attempt(text, case, "error");
    }
    earlier(text, case, Verdict::Error);
    output(text, "system-out", &case.steps, OutputStream::Stdout, true);
    output(text, "system-err", &case.steps, OutputStream::Stderr, false);
    if text.len() == start {
        text.truncate(start - 1);
        text.push_str("/>\n");
    } else {
        text.push_str("\n    </testcase>\n");
    }
}

/// The id keeps cases of one name apart, as Jenkins joins those.
fn display_name(case: &CaseReport) -> String {
    if case.name == case.id { case.id.clone() } else { format!("{} · {}", case.id, case.name) }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Verdict {
    Fine,
    Failure,
    Error,
    Skipped,
}

impl Verdict {
    const fn of(status: Status) -> Self {
        match status {
            Status::Passed => Self::Fine,
            Status::Failed => Self::Failure,
            Status::Errored | Status::TimedOut | Status::Refused => Self::Error,
            Status::Skipped | Status::Cancelled => Self::Skipped,
        }
    }
}

fn last_attempt(text: &mut String, case: &CaseReport, element: &str) {
    let reasons = super::reasons(case);
    let (message, body) = headline_and_text(&reasons);
    let _ = write!(
        text,
        "\n      <{element} message=\"{}\" type=\"{}\">{}</{element}>",
        Attribute(message),
        case.status,
        Content(body)
    );
}

/// Attempts before the last one: `flaky…` when the case passed in the end, else `rerun…`.
fn earlier(text: &mut String, case: &CaseReport, verdict: Verdict) {
    let prefix = if case.status == Status::Passed { "flaky" } else { "rerun" };
    let kind = if verdict == Verdict::Failure { "Failure" } else { "Error" };
    for attempt in case.earlier.iter().filter(|attempt| Verdict::of(attempt.status) == verdict) {
        rerun(text, case, attempt, prefix, kind);
    }
}

fn rerun(text: &mut String, case: &CaseReport, attempt: &Attempt, prefix: &str, kind: &str) {
    let location = case.location.as_ref();
    let reasons = of_attempt(attempt.status, attempt.reason.as_deref(), &attempt.steps, location);
    let (message, body) = headline_and_text(&reasons);
    let _ = write!(
        text,
        "\n      <{prefix}{kind} message=\"{}\" type=\"{}\"><stackTrace>{}</stackTrace>",
        Attribute(message),
        attempt.status,
        Content(body)
    );
    output(text, "system-out", &attempt.steps, OutputStream::Stdout, false);
    output(text, "system-err", &attempt.steps, OutputStream::Stderr, false);
    let _ = write!(text, "</{prefix}{kind}>");
}

fn output(
    text: &mut String,
    element: &str,
    steps: &[StepReport],
    stream: OutputStream,
    extras: bool,
) {
    let before = text.len();
    let _ = write!(text, "\n      <{element}>");
    let empty = text.len();
    if extras {
        for step in steps {
            properties(text, step);
        }
    }
    for piece in steps.iter().flat_map(|step| &step.output) {
        if piece.stream == stream {
            let _ = write!(text, "{}", Content(&piece.text));
        }
    }
    if text.len() == empty {
        text.truncate(before);
    } else {
        let _ = write!(text, "</{element}>");
    }
}

fn properties(text: &mut String, step: &StepReport) {
    for measured in step.checks.iter().filter_map(|check| check.measurement.as_ref()) {
        let Some(value) = measured.value else { continue };
        let _ = write!(text, "[[PROPERTY|{}={value}", Content(&measured.name));
        if let Some(unit) = &measured.unit {
            let _ = write!(text, " {}", Content(unit));
        }
        text.push_str("]]\n");
    }
    for artifact in &step.artifacts {
        let _ = writeln!(text, "[[ATTACHMENT|{}]]", Content(&artifact.path));
    }
}
