//! Workflow commands that GitHub Actions shows as annotations.

use std::fmt;
use std::io::Write;

use super::reason::headline_and_text;
use super::{WriteError, reasons};
use crate::event::Location;
use crate::report::{CaseReport, CaseSource};

/// GitHub keeps ten annotations of each kind for a step and drops the rest.
const LIMIT: usize = 10;

pub(super) fn write(source: &mut dyn CaseSource, out: &mut dyn Write) -> Result<(), WriteError> {
    let (mut errors, mut warnings) = (0_usize, 0_usize);
    source.each_case(&mut |case| {
        let (level, count) = if case.status.is_bad() {
            ("error", &mut errors)
        } else if case.flaky {
            ("warning", &mut warnings)
        } else {
            return Ok(());
        };
        *count += 1;
        if *count > LIMIT { Ok(()) } else { annotate(out, level, case) }
    })?;
    let head = source.head();
    let summary = &head.summary;
    let mut text = format!(
        "{} of {} cases passed, {} failed, {} errored, {} timed out, {} refused, {} skipped, {} cancelled, {} flaky",
        summary.passed,
        summary.total,
        summary.failed,
        summary.errored,
        summary.timed_out,
        summary.refused,
        summary.skipped,
        summary.cancelled,
        summary.flaky,
    );
    for (count, what) in [(errors, "that did not pass"), (warnings, "that are flaky")] {
        if count > LIMIT {
            let more = count - LIMIT;
            let _ = fmt::Write::write_fmt(
                &mut text,
                format_args!("\n{more} more cases {what} are not annotated"),
            );
        }
    }
    let title = format!("{}: {}", head.name, head.status);
    writeln!(out, "::notice title={}::{}", Property(&title), Data(&text))?;
    Ok(out.flush()?)
}

fn annotate(out: &mut dyn Write, level: &str, case: &CaseReport) -> std::io::Result<()> {
    let reasons = reasons(case);
    let place = reasons.iter().find_map(|reason| reason.location).or(case.location.as_ref());
    write!(out, "::{level} ")?;
    if let Some(Location { file, line, column }) = place {
        write!(out, "file={},line={line},col={column},", Property(file))?;
    }
    let text = if case.flaky {
        format!("passed at attempt {}", case.earlier.len() + 1)
    } else {
        headline_and_text(&reasons).1
    };
    let title = format!("{} · {}", case.name, case.status.as_str().replace('_', " "));
    writeln!(out, "title={}::{}", Property(&title), Data(&text))
}

/// The message of a workflow command.
struct Data<'a>(&'a str);

/// A property of a workflow command.
struct Property<'a>(&'a str);

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, "%\r\n", f)
    }
}

impl fmt::Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, "%\r\n:,", f)
    }
}

fn escape(text: &str, special: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for c in text.chars() {
        if special.contains(c) {
            write!(f, "%{:02X}", u32::from(c))?;
        } else {
            write!(f, "{c}")?;
        }
    }
    Ok(())
}
