//! The Test Anything Protocol: a test point a case, diagnostics as YAML.
//!
//! Version 13 is what is written: every line of it is version 14 too, which `prove` refuses.

use std::fmt::Write as _;
use std::io::Write;

use serde_json::Value;

use super::duration::Seconds;
use super::{WriteError, reasons};
use crate::event::{CaseRole, Status};
use crate::report::{CaseReport, CaseSource, ReportHead};

pub(super) fn write(source: &mut dyn CaseSource, out: &mut dyn Write) -> Result<(), WriteError> {
    let head = source.head().clone();
    out.write_all(b"TAP version 13\n")?;
    let mut number = 0_u32;
    let mut text = String::new();
    source.each_case(&mut |case| {
        if case.role != CaseRole::Case && !case.status.is_bad() {
            return Ok(());
        }
        number += 1;
        text.clear();
        point(&mut text, number, case, &head);
        out.write_all(text.as_bytes())
    })?;
    writeln!(out, "1..{number}")?;
    if let (false, Some(reason)) = (head.complete, &head.reason) {
        writeln!(out, "Bail out! {}", one_line(reason))?;
    }
    Ok(out.flush()?)
}

fn point(text: &mut String, number: u32, case: &CaseReport, head: &ReportHead) {
    let ok = matches!(case.status, Status::Passed | Status::Skipped);
    let word = if ok { "ok" } else { "not ok" };
    let _ = write!(text, "{word} {number} - ");
    if head.suites.len() > 1
        && let Some(suite) = head.suites.get(case.suite as usize)
    {
        let _ = write!(text, "{} › ", escaped(&suite.name));
    }
    text.push_str(&escaped(&case.name));
    if case.name != case.id {
        let _ = write!(text, " ({})", escaped(&case.id));
    }
    if case.status == Status::Skipped {
        let _ = write!(text, " # SKIP {}", one_line(case.reason.as_deref().unwrap_or("")));
    }
    text.push('\n');
    diagnostics(text, case);
}

/// A block in the part of YAML that every TAP consumer reads: plain keys, and JSON strings, which
/// are double-quoted YAML.
fn diagnostics(text: &mut String, case: &CaseReport) {
    text.push_str("  ---\n");
    let _ = writeln!(text, "  duration_s: {}", Seconds(case.duration_us));
    if case.status != Status::Passed {
        let _ = writeln!(text, "  status: {}", case.status);
    }
    if case.flaky {
        let _ = writeln!(text, "  flaky: true\n  attempts: {}", case.earlier.len() + 1);
    }
    if let Some(location) = &case.location {
        let _ = writeln!(text, "  at: {}", quoted(&location.to_string()));
    }
    let reasons = reasons(case);
    if !reasons.is_empty() && case.status != Status::Skipped {
        text.push_str("  reasons:\n");
        for reason in &reasons {
            let mut plain = String::new();
            reason.write_plain(&mut plain);
            let _ = writeln!(text, "    - {}", quoted(&plain));
        }
    }
    text.push_str("  ...\n");
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `#` begins a directive and `\` an escape.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}
