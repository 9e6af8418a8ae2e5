//! The Common Test Report Format, <https://ctrf.io>.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::reason::{headline_and_text, of_attempt};
use super::{WriteError, reasons};
use crate::event::{Artifact, CaseRole, Status};
use crate::report::{Attempt, CaseReport, CaseSource, ReportHead, StepReport};
use crate::runner::OutputStream;

/// The version of the specification that is written.
const SPEC_VERSION: &str = "0.0.0";

pub(super) fn write(source: &mut dyn CaseSource, out: &mut dyn Write) -> Result<(), WriteError> {
    let head = source.head().clone();
    write!(out, r#"{{"reportFormat":"CTRF","specVersion":"{SPEC_VERSION}","#)?;
    write!(out, r#""runId":"{}","generatedBy":"aei","results":{{"tool":"#, head.run_id)?;
    json_to(out, &json!({ "name": "aei", "version": head.aei }))?;
    out.write_all(b",\"summary\":")?;
    json_to(out, &summary(&head))?;
    out.write_all(b",\"environment\":")?;
    json_to(out, &environment(&head))?;
    out.write_all(b",\"tests\":[")?;
    let mut separator = "\n";
    source.each_case(&mut |case| {
        if case.role != CaseRole::Case && !case.status.is_bad() {
            return Ok(());
        }
        out.write_all(std::mem::replace(&mut separator, ",\n").as_bytes())?;
        json_to(out, &test(case, &head))
    })?;
    out.write_all(b"\n]}}\n")?;
    Ok(out.flush()?)
}

fn json_to(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    Ok(serde_json::to_writer(out, value)?)
}

fn summary(head: &ReportHead) -> Value {
    let summary = &head.summary;
    let start = head.started_at.timestamp_millis();
    let duration = ms(head.duration_us);
    json!({
        "tests": summary.total,
        "passed": summary.passed,
        "failed": summary.failed + summary.errored + summary.timed_out + summary.refused,
        "skipped": summary.skipped,
        "pending": summary.total.saturating_sub(summary.finished()),
        "other": summary.cancelled,
        "flaky": summary.flaky,
        "suites": head.suites.len(),
        "start": start,
        "stop": start + duration,
        "duration": duration,
    })
}

fn environment(head: &ReportHead) -> Value {
    let mut environment = Map::new();
    environment.insert("reportName".to_owned(), head.name.as_str().into());
    if let Some(os) = head.node.get("os") {
        environment.insert("osPlatform".to_owned(), os.as_str().into());
    }
    environment.insert("extra".to_owned(), json!({ "node": head.node, "complete": head.complete }));
    environment.into()
}

fn ms(us: u64) -> i64 {
    i64::try_from(us / 1_000).unwrap_or(i64::MAX)
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Skipped => "skipped",
        Status::Cancelled => "other",
        Status::Failed | Status::Errored | Status::TimedOut | Status::Refused => "failed",
    }
}

fn test(case: &CaseReport, head: &ReportHead) -> Value {
    let suite = head.suites.get(case.suite as usize);
    let file = suite.map_or("", |suite| suite.file.as_str());
    let name = if case.name.is_empty() { &case.id } else { &case.name };
    let start = case.started_at.timestamp_millis();
    let mut test = json!({
        "testId": format!("{file}#{}", case.id),
        "name": if name.is_empty() { "case" } else { name },
        "status": word(case.status),
        "rawStatus": case.status,
        "duration": ms(case.duration_us),
        "start": start,
        "stop": start + ms(case.duration_us),
        "filePath": case.location.as_ref().map_or(file, |location| &location.file),
        "suite": [suite.map_or("", |suite| &suite.name)],
        "tags": case.tags,
    });
    if let Value::Object(map) = &mut test {
        details(map, case);
    }
    test
}

fn details(test: &mut Map<String, Value>, case: &CaseReport) {
    let mut put = |key: &str, value: Value| {
        let empty = match &value {
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        if !empty {
            test.insert(key.to_owned(), value);
        }
    };
    let reasons = reasons(case);
    if !reasons.is_empty() {
        let (message, trace) = headline_and_text(&reasons);
        put("message", message.into());
        put("trace", trace.into());
    }
    put("line", case.location.as_ref().map_or(Value::Null, |location| location.line.into()));
    put("parameters", Value::Object(case.matrix.clone()));
    if case.flaky {
        put("flaky", true.into());
    }
    if !case.earlier.is_empty() {
        put("retries", case.earlier.len().into());
    }
    put(
        "retryAttempts",
        (1..).zip(&case.earlier).map(|(n, earlier)| attempt(n, earlier)).collect(),
    );
    put("steps", case.steps.iter().map(step).collect());
    put("stdout", lines(&case.steps, OutputStream::Stdout));
    put("stderr", lines(&case.steps, OutputStream::Stderr));
    put("attachments", attachments(&case.steps));
    let measured: Vec<_> = case.steps.iter().flat_map(|step| &step.checks).collect();
    let measured: Value =
        measured.iter().filter_map(|check| check.measurement.as_ref()).map(|m| json!(m)).collect();
    if measured.as_array().is_some_and(|list| !list.is_empty()) {
        put("extra", json!({ "measurements": measured }));
    }
}

fn attempt(number: u32, attempt: &Attempt) -> Value {
    let reasons = of_attempt(attempt.status, attempt.reason.as_deref(), &attempt.steps, None);
    let (message, trace) = headline_and_text(&reasons);
    let start = attempt.started_at.timestamp_millis();
    json!({
        "attempt": number,
        "status": word(attempt.status),
        "duration": ms(attempt.duration_us),
        "message": message,
        "trace": trace,
        "start": start,
        "stop": start + ms(attempt.duration_us),
        "stdout": lines(&attempt.steps, OutputStream::Stdout),
        "stderr": lines(&attempt.steps, OutputStream::Stderr),
        "attachments": attachments(&attempt.steps),
    })
}

fn step(step: &StepReport) -> Value {
    let checks = step.checks.len();
    let held = step.checks.iter().filter(|check| check.passed).count();
    json!({
        "name": step.name,
        "status": word(step.status),
        "extra": {
            "uses": step.uses,
            "status": step.status,
            "duration": ms(step.duration_us),
            "attempts": step.attempts,
            "checks": checks,
            "checksPassed": held,
        },
    })
}

fn lines(steps: &[StepReport], stream: OutputStream) -> Value {
    let pieces = steps.iter().flat_map(|step| &step.output);
    pieces.filter(|piece| piece.stream == stream).flat_map(|piece| piece.text.lines()).collect()
}

fn attachments(steps: &[StepReport]) -> Value {
    let attachment = |artifact: &Artifact| {
        json!({
            "name": artifact.name,
            "contentType": artifact.media_type,
            "path": artifact.path,
        })
    };
    steps.iter().flat_map(|step| &step.artifacts).map(attachment).collect()
}
