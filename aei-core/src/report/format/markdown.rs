//! A summary in GitHub's Markdown, as for `$GITHUB_STEP_SUMMARY`.

use std::fmt::{self, Write as _};
use std::io::Write;

use super::duration::Duration;
use super::reason::{Reason, first_line};
use super::{WriteError, reasons};
use crate::event::{CaseRole, Location, Status};
use crate::report::{CaseReport, CaseSource, ReportHead};

/// GitHub refuses summaries of more than 1 MiB; failures past this are counted only.
const LIMIT: usize = 900_000;
/// How many cases the list of slow ones holds.
const SLOW: usize = 10;

pub(super) fn write(source: &mut dyn CaseSource, out: &mut dyn Write) -> Result<(), WriteError> {
    let head = source.head().clone();
    out.write_all(title(&head).as_bytes())?;
    let mut body = Body::default();
    source.each_case(&mut |case| {
        let text = body.case(case, &head);
        out.write_all(text.as_bytes())
    })?;
    out.write_all(body.end(&head).as_bytes())?;
    Ok(out.flush()?)
}

/// A sign and a word of a status: never one alone.
const fn sign(status: Status) -> &'static str {
    match status {
        Status::Passed => "✅ passed",
        Status::Failed => "❌ failed",
        Status::Errored => "💥 errored",
        Status::TimedOut => "⏰ timed out",
        Status::Refused => "⛔ refused",
        Status::Skipped => "⏭️ skipped",
        Status::Cancelled => "🛑 cancelled",
    }
}

fn title(head: &ReportHead) -> String {
    let mut text = format!("## {} · {}\n\n", Inline(&head.name), sign(head.status));
    let summary = &head.summary;
    let counts: Vec<String> = [
        Status::Passed,
        Status::Failed,
        Status::Errored,
        Status::TimedOut,
        Status::Refused,
        Status::Cancelled,
        Status::Skipped,
    ]
    .into_iter()
    .filter(|&status| summary.of(status) > 0)
    .map(|status| format!("{} {}", summary.of(status), status.as_str().replace('_', " ")))
    .collect();
    let _ = write!(text, "**{} cases** in {}", summary.total, Duration(head.duration_us));
    if !counts.is_empty() {
        let _ = write!(text, ": {}", counts.join(", "));
    }
    if summary.flaky > 0 {
        let _ = write!(text, " ({} flaky)", summary.flaky);
    }
    text.push('\n');
    if let Some(reason) = &head.reason {
        let _ = write!(text, "\n> {}\n", Inline(reason));
    }
    if head.suites.len() > 1 {
        text.push_str("\n| suite | cases | passed | failed | other | time |\n");
        text.push_str("| --- | ---: | ---: | ---: | ---: | ---: |\n");
        for suite in &head.suites {
            let s = &suite.summary;
            let bad = s.failed + s.errored + s.timed_out + s.refused;
            let _ = writeln!(
                text,
                "| {} | {} | {} | {bad} | {} | {} |",
                Inline(&suite.name),
                s.total,
                s.passed,
                s.total.saturating_sub(s.passed + bad),
                Duration(suite.duration_us)
            );
        }
    }
    text
}

#[derive(Default)]
struct Body {
    written: usize,
    left_out: usize,
    flaky: Vec<String>,
    more_flaky: usize,
    slow: Vec<(u64, String)>,
}

impl Body {
    fn case(&mut self, case: &CaseReport, head: &ReportHead) -> String {
        if case.role == CaseRole::Case {
            self.remember(case, head);
        }
        if !case.status.is_bad() && case.status != Status::Cancelled {
            return String::new();
        }
        if self.written > LIMIT {
            self.left_out += 1;
            return String::new();
        }
        let mut text = String::new();
        if self.written == 0 {
            text.push_str("\n### What did not pass\n");
        }
        failure(&mut text, case, head);
        self.written += text.len();
        text
    }

    fn remember(&mut self, case: &CaseReport, head: &ReportHead) {
        if case.flaky {
            if self.flaky.len() < 50 {
                let tries = case.earlier.len() + 1;
                self.flaky.push(format!("- {} passed at attempt {tries}\n", Title(case, head)));
            } else {
                self.more_flaky += 1;
            }
        }
        let slower = self.slow.last().is_none_or(|(least, _)| case.duration_us > *least);
        if case.duration_us > 0 && (slower || self.slow.len() < SLOW) {
            let at = self.slow.partition_point(|(us, _)| *us >= case.duration_us);
            self.slow.insert(at, (case.duration_us, Title(case, head).to_string()));
            self.slow.truncate(SLOW);
        }
    }

    fn end(self, head: &ReportHead) -> String {
        let mut text = String::new();
        if self.left_out > 0 {
            let _ = write!(text, "\n… and {} more cases that did not pass.\n", self.left_out);
        }
        if !self.flaky.is_empty() {
            let _ = write!(text, "\n### Flaky\n\n{}", self.flaky.concat());
            if self.more_flaky > 0 {
                let _ = writeln!(text, "- … and {} more", self.more_flaky);
            }
        }
        if self.slow.len() > 1 {
            text.push_str("\n<details><summary>Slowest cases</summary>\n\n");
            text.push_str("| case | time |\n| --- | ---: |\n");
            for (us, title) in &self.slow {
                // Code spans keep `|` as it is; a cell must not.
                let cell = title.replace("\\|", "|").replace('|', "\\|");
                let _ = writeln!(text, "| {cell} | {} |", Duration(*us));
            }
            text.push_str("\n</details>\n");
        }
        let _ = write!(text, "\n<sub>AEI {} · run {}", Inline(&head.aei), head.run_id);
        if let Some(seed) = head.seed {
            let _ = write!(text, " · seed {seed}");
        }
        text.push_str("</sub>\n");
        text
    }
}

fn failure(text: &mut String, case: &CaseReport, head: &ReportHead) {
    let _ = write!(text, "\n#### {} · {}\n\n", sign(case.status), Title(case, head));
    if let Some(location) = &case.location {
        let _ = writeln!(text, "{}\n", Code(&location.to_string()));
    }
    for reason in reasons(case) {
        item(text, &reason);
    }
    for step in case.steps.iter().filter(|step| step.status.is_bad()) {
        let output: String = step.output.iter().map(|piece| piece.text.as_str()).collect();
        if output.trim().is_empty() {
            continue;
        }
        let tail = tail(output.trim_end(), 4_000);
        let _ = write!(text, "\n<details><summary>Output of {}</summary>\n\n", Html(&step.name));
        fenced(text, "", "text", tail);
        text.push_str("\n</details>\n");
    }
}

fn item(text: &mut String, reason: &Reason<'_>) {
    text.push_str("- ");
    if let Some(step) = reason.step {
        let _ = write!(text, "**{}**: ", Inline(&step.name));
    }
    let _ = write!(text, "{}", Inline(first_line(&reason.message)));
    if let Some(location) = reason.location {
        let Location { file, line, .. } = location;
        let _ = write!(text, " ({})", Code(&format!("{file}:{line}")));
    }
    text.push('\n');
    if reason.message.contains('\n') {
        fenced(text, "  ", "text", &reason.message);
    }
    if let Some(help) = reason.help {
        let _ = writeln!(text, "\n  💡 {}", Inline(help));
    }
    if let Some(diff) = reason.diff {
        text.push('\n');
        fenced(text, "  ", "diff", diff);
    }
}

/// The end of a long text, from the start of a line.
fn tail(text: &str, max: usize) -> &str {
    let Some(over) = text.len().checked_sub(max) else { return text };
    let start = (over..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(over);
    let tail = &text[start..];
    tail.split_once('\n').map_or(tail, |(_, rest)| rest)
}

fn fenced(text: &mut String, indent: &str, language: &str, body: &str) {
    let fence = "`".repeat(longest_ticks(body).max(2) + 1);
    let _ = writeln!(text, "{indent}{fence}{language}");
    // A carriage return alone ends a line too, and one that is not indented ends the block.
    for line in body.lines().flat_map(|line| line.trim_end_matches('\r').split('\r')) {
        let _ = writeln!(text, "{indent}{line}");
    }
    let _ = writeln!(text, "{indent}{fence}");
}

fn longest_ticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A case's name, its id where that says more, and its suite where there are several.
struct Title<'a>(&'a CaseReport, &'a ReportHead);

impl fmt::Display for Title<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(case, head) = self;
        if head.suites.len() > 1
            && let Some(suite) = head.suites.get(case.suite as usize)
        {
            write!(f, "{} › ", Inline(&suite.name))?;
        }
        write!(f, "{}", Inline(&case.name))?;
        if case.name != case.id {
            write!(f, " ({})", Code(&case.id))?;
        }
        Ok(())
    }
}

/// Text on one line that Markdown shows as it is.
struct Inline<'a>(&'a str);

impl fmt::Display for Inline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `- x` and `1. x` would begin a list.
        let number = self.0.len() - self.0.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = self.0.split_at(number);
        f.write_str(number)?;
        let listed = [". ", ") "].iter().any(|sign| rest.starts_with(sign));
        if rest.starts_with(['-', '+', '=']) || listed && !number.is_empty() {
            f.write_char('\\')?;
        }
        for c in rest.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                // A mention or an issue link would notify people.
                '@' => f.write_str("&#64;")?,
                '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => write!(f, "\\{c}")?,
                c if c.is_control() => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Text within HTML, where Markdown is not read.
struct Html<'a>(&'a str);

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '@' => f.write_str("&#64;")?,
                c if c.is_control() => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Text on one line as code.
struct Code<'a>(&'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.0.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let ticks = "`".repeat(longest_ticks(&text) + 1);
        let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
        write!(f, "{ticks}{pad}{text}{pad}{ticks}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carriage_return_ends_no_block() {
        let mut text = String::new();
        fenced(&mut text, "  ", "text", "10%\r# 100%\r\ndone");
        assert_eq!(text, "  ```text\n  10%\n  # 100%\n  done\n  ```\n");
    }

    #[test]
    fn names_are_no_markup() {
        for (name, written) in [
            ("- x", "\\- x"),
            ("12. x", "12\\. x"),
            ("3) x", "3\\) x"),
            ("12 x-y", "12 x-y"),
            ("0.1.0", "0.1.0"),
            ("<b>_a_</b>", "&lt;b&gt;\\_a\\_&lt;/b&gt;"),
        ] {
            assert_eq!(Inline(name).to_string(), written);
        }
        assert_eq!(Html("GET /a_b?c&d <x>").to_string(), "GET /a_b?c&amp;d &lt;x&gt;");
    }
}
