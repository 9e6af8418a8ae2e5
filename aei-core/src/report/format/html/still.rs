//! What can be read without the script, and on paper: summary, suites, failures.

use std::f64::consts::TAU;
use std::fmt::Write as _;

use super::raw::{Case, Step};
use crate::event::{CaseRole, Status, Summary};
use crate::report::ReportHead;
use crate::report::format::duration::Duration;
use crate::report::format::xml::{Attribute, Content};

/// The order of the summary: what matters first.
const ORDER: [Status; 7] = [
    Status::Failed,
    Status::Errored,
    Status::TimedOut,
    Status::Refused,
    Status::Cancelled,
    Status::Passed,
    Status::Skipped,
];

/// The outlines of the icons, 16 by 16. A status has a shape, a word and a colour.
pub(super) const ICONS: &str = concat!(
    r#"<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>"#,
    r#"<symbol id="i-passed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7"/><path d="m4.8 8.3 2.2 2.2 4.2-4.6"/></symbol>"#,
    r#"<symbol id="i-failed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7"/><path d="m5.5 5.5 5 5m0-5-5 5"/></symbol>"#,
    r#"<symbol id="i-errored" viewBox="0 0 16 16"><path class="f" d="M8 1 15.4 14.4H.6Z"/><path d="M8 6v3.8m0 2v.2"/></symbol>"#,
    r#"<symbol id="i-timed_out" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7"/><path d="M8 4v4.2l2.6 1.8"/></symbol>"#,
    r#"<symbol id="i-refused" viewBox="0 0 16 16"><path class="f" d="M5 1h6l4 4v6l-4 4H5l-4-4V5Z"/><path d="M4.6 8h6.8"/></symbol>"#,
    r#"<symbol id="i-cancelled" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7"/><path d="M5.8 5.8h4.4v4.4H5.8Z"/></symbol>"#,
    r#"<symbol id="i-skipped" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7"/><path d="M5 4.8 8.6 8 5 11.2M11 4.8v6.4"/></symbol>"#,
    r#"<symbol id="i-flaky" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7"/><path d="M3.8 9.2C5.2 5 6.6 5 8 8s2.8 3 4.2-1.2"/></symbol>"#,
    "</defs></svg>\n",
);

pub(super) fn icon(name: &str) -> String {
    format!(r##"<svg class="icon s-{name}" aria-hidden="true"><use href="#i-{name}"/></svg>"##)
}

/// A status in words.
pub(super) fn word(status: Status) -> &'static str {
    if status == Status::TimedOut { "timed out" } else { status.as_str() }
}

/// Title, verdict and counts.
pub(super) fn header(head: &ReportHead) -> String {
    let mut text = String::from("<header class=\"top\">\n");
    let _ = write!(
        text,
        "<div class=\"title\"><h1>{}</h1><p class=\"verdict v-{status}\">{}{}</p></div>\n<div class=\"overview\">\n{}<ul class=\"counts\">",
        Content(&head.name),
        icon(head.status.as_str()),
        word(head.status),
        donut(&head.summary),
        status = head.status,
    );
    for (name, word, count) in counts(&head.summary) {
        let _ = write!(
            text,
            r#"<li data-status="{name}">{}<b>{count}</b> <span>{word}</span></li>"#,
            icon(name)
        );
    }
    text.push_str("</ul>\n<dl class=\"facts\">");
    let mut fact = |name: &str, value: &str| {
        let _ = write!(text, "<div><dt>{name}</dt><dd>{}</dd></div>", Content(value));
    };
    fact("Duration", &Duration(head.duration_us).to_string());
    fact("Started", &head.started_at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    fact("Jobs", &head.jobs.to_string());
    let node: Vec<&str> = head.node.values().map(String::as_str).collect();
    if !node.is_empty() {
        fact("Node", &node.join(" · "));
    }
    if let Some(seed) = head.seed {
        fact("Seed", &seed.to_string());
    }
    text.push_str("</dl>\n</div>\n");
    if let Some(reason) = &head.reason {
        let _ = writeln!(text, "<p class=\"notice\">{}</p>", Content(reason));
    }
    text.push_str("</header>\n");
    text
}

fn counts(summary: &Summary) -> Vec<(&'static str, &'static str, u32)> {
    let mut counts: Vec<_> = ORDER
        .into_iter()
        .filter(|&status| summary.of(status) > 0)
        .map(|status| (status.as_str(), word(status), summary.of(status)))
        .collect();
    if summary.flaky > 0 {
        counts.push(("flaky", "flaky", summary.flaky));
    }
    counts
}

/// A ring with a part for every status.
fn donut(summary: &Summary) -> String {
    const RADIUS: f64 = 42.0;
    let total = f64::from(summary.total.max(summary.finished()).max(1));
    let around = TAU * RADIUS;
    let rate = f64::from(summary.passed) / total * 100.0;
    // 99.96 % is not all.
    let rate = if summary.passed < summary.total { (rate * 10.0).floor() / 10.0 } else { rate };
    let mut text = format!(
        r#"<svg class="donut" viewBox="0 0 100 100" role="img" aria-label="{} of {} cases passed"><circle class="ring" cx="50" cy="50" r="{RADIUS}"/>"#,
        summary.passed, summary.total
    );
    let mut from = 0.0;
    for status in ORDER {
        let part = f64::from(summary.of(status)) / total * around;
        if part > 0.0 {
            // Few of very many must still be seen.
            let seen = part.max(1.5);
            let _ = write!(
                text,
                r#"<circle class="part s-{status}" cx="50" cy="50" r="{RADIUS}" stroke-dasharray="{seen:.2} {:.2}" stroke-dashoffset="{:.2}"/>"#,
                around - seen,
                around / 4.0 - from,
            );
            from += part;
        }
    }
    let _ = write!(
        text,
        r#"<text x="50" y="49" class="rate">{rate}%</text><text x="50" y="64" class="of">of {}</text></svg>"#,
        summary.total
    );
    text.push('\n');
    text
}

/// The suites, for readers without the script.
pub(super) fn suites(head: &ReportHead) -> String {
    if head.suites.len() < 2 {
        return String::new();
    }
    let mut text = String::from(
        "<section class=\"still suites\"><h2>Suites</h2><table><thead><tr><th>Suite<th>File<th class=\"n\">Cases<th class=\"n\">Passed<th class=\"n\">Time</thead>",
    );
    for suite in &head.suites {
        let _ = write!(
            text,
            "<tr><td>{}<td>{}<td class=\"n\">{}<td class=\"n\">{}<td class=\"n\">{}",
            Content(&suite.name),
            Content(&suite.file),
            suite.summary.total,
            suite.summary.passed,
            Duration(suite.duration_us)
        );
    }
    text.push_str("</table></section>\n");
    text
}

/// The cases that did not pass, kept until the table is written. Past a limit they are counted.
#[derive(Debug, Default)]
pub(super) struct Failures {
    text: String,
    more: usize,
}

const LIMIT: usize = 128 * 1024;

impl Failures {
    pub(super) fn add(&mut self, case: &Case<'_>, file: &str) {
        if !case.status.is_bad() {
            return;
        }
        if self.text.len() > LIMIT {
            self.more += 1;
            return;
        }
        let text = &mut self.text;
        let _ = write!(
            text,
            "<li id=\"failed-{}\"><h3>{}{} · {}</h3><p class=\"where\">{}",
            case.case,
            icon(case.status.as_str()),
            word(case.status),
            Content(&*case.name),
            Content(&*case.id),
        );
        let (file, line) = match &case.location {
            Some(location) => (&*location.file, location.line),
            None => (file, 0),
        };
        let _ = write!(text, " · {}", Content(file));
        if line > 0 {
            let _ = write!(text, ":{line}");
        }
        if case.role != CaseRole::Case {
            text.push_str(" · counted because it did not pass");
        }
        text.push_str("</p>");
        if let Some(reason) = &case.reason {
            let _ = write!(text, "<p>{}</p>", Content(&**reason));
        }
        for step in case.steps.iter().filter(|step| step.status.is_bad()) {
            still_step(text, step);
        }
        text.push_str("</li>\n");
    }

    /// The whole section.
    pub(super) fn section(self) -> String {
        if self.text.is_empty() {
            return String::new();
        }
        let mut text = format!(
            "<section class=\"still failures\"><h2>What did not pass</h2><ol>\n{}</ol>",
            self.text
        );
        if self.more > 0 {
            let _ = write!(text, "<p>… and {} more.</p>", self.more);
        }
        text.push_str("</section>\n");
        text
    }
}

fn still_step(text: &mut String, step: &Step<'_>) {
    let _ = write!(text, "<p><b>{}</b> ({})", Content(&*step.name), Content(&*step.uses));
    if let Some(location) = &step.location {
        let _ = write!(
            text,
            " <span title=\"{}\">line {}</span>",
            Attribute(&*location.file),
            location.line
        );
    }
    text.push_str("</p>");
    if let Some(failure) = &step.failure {
        let _ = write!(text, "<pre>{}</pre>", Content(&*failure.message));
    }
    for check in step.checks.iter().filter(|check| !check.passed) {
        let _ = write!(text, "<pre>{} {}", Content(&*check.that), check.operator.key());
        if let Some(message) = &check.message {
            let _ = write!(text, ": {}", Content(&**message));
        }
        if let Some(diff) = &check.diff {
            let _ = write!(text, "\n{}", Content(&**diff));
        } else {
            let expected: String = check.expected.get().chars().take(500).collect();
            let actual = check.actual.map_or("nothing was found", |actual| actual.get());
            let actual: String = actual.chars().take(500).collect();
            let (expected, actual) = (Content(expected), Content(actual));
            let _ = write!(text, "\nexpected {expected}\nfound    {actual}");
        }
        text.push_str("</pre>");
    }
}
