use std::time::Duration;

use aei_core::event::{Status, Summary};
use aei_core::report::ReportHead;
use serde_json::{Value, json};

use super::paint::{Paint, word};
use super::text::{duration, grouped, plural};

/// The verdict on one line: `12 cases in 1.42 s: 10 passed (1 flaky), 1 failed, 1 skipped`.
pub(crate) fn summary_line(summary: &Summary, time: Duration, paint: Paint) -> String {
    let cases = plural(summary.total as usize, "case");
    let mut parts = Vec::new();
    for status in Status::ALL {
        let count = summary.of(status);
        if count == 0 && (status != Status::Passed || summary.total > 0) {
            continue;
        }
        let mut part =
            paint.status(status, format_args!("{} {}", grouped(count as usize), word(status)));
        if status == Status::Passed && summary.flaky > 0 {
            part += &paint.warn(format_args!(" ({} flaky)", grouped(summary.flaky as usize)));
        }
        parts.push(part);
    }
    let missing = summary.total.saturating_sub(summary.finished());
    if missing > 0 {
        parts.push(paint.dim(format_args!("{} not run", grouped(missing as usize))));
    }
    format!("{} in {}: {}", paint.bold(cases), duration(time), parts.join(", "))
}

/// The verdict for machines.
pub(crate) fn summary_json(head: &ReportHead, folder: &str) -> Value {
    json!({
        "run_id": head.run_id,
        "name": head.name,
        "status": head.status,
        "summary": head.summary,
        "duration_us": head.duration_us,
        "reason": head.reason,
        "folder": folder,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_happened_is_counted() {
        let summary = Summary {
            total: 5,
            passed: 2,
            flaky: 1,
            failed: 1,
            timed_out: 1,
            ..Summary::default()
        };
        let line = summary_line(&summary, Duration::from_millis(1420), Paint::PLAIN);
        assert_eq!(line, "5 cases in 1.42 s: 2 passed (1 flaky), 1 failed, 1 timed out, 1 not run");
    }

    #[test]
    fn an_empty_run_says_so() {
        let line = summary_line(&Summary::default(), Duration::ZERO, Paint::PLAIN);
        assert_eq!(line, "0 cases in 0 µs: 0 passed");
    }
}
