use std::fmt::Write as _;

use aei_core::event::CaseRole;
use aei_core::report::format::reasons;
use aei_core::report::{CaseReport, StepReport};

/// How many lines of a step's output are shown, from its end.
const OUTPUT_LINES: usize = 20;

/// Why a case did not pass: every check that did not hold, what its steps printed, how to run it
/// again.
pub(super) fn text(file: &str, case: &CaseReport) -> String {
    let mut text = String::new();
    let _ = write!(text, "{} {}", case.status.as_str().replace('_', " "), case.id);
    if case.name != case.id {
        let _ = write!(text, "  {}", case.name);
    }
    if let Some(location) = &case.location {
        let _ = write!(text, "\n  at {location}");
    }
    for reason in reasons(case) {
        text.push_str("\n\n  ");
        if let Some(step) = reason.step {
            let _ = write!(text, "{} ({}): ", step.name, step.uses);
        }
        text.push_str(&reason.message.replace('\n', "\n  "));
        if let Some(location) = reason.location {
            let _ = write!(text, "\n    at {location}");
        }
        if let Some(help) = reason.help {
            let _ = write!(text, "\n    help: {help}");
        }
        for line in reason.diff.unwrap_or_default().lines() {
            let _ = write!(text, "\n    {line}");
        }
    }
    for step in case.steps.iter().filter(|step| step.status.is_bad()) {
        output(&mut text, step);
    }
    if case.role == CaseRole::Case {
        let _ =
            write!(text, "\n\n  run it again: aei run {} --case {}", word(file), word(&case.id));
    }
    text.push('\n');
    text
}

fn output(text: &mut String, step: &StepReport) {
    let output: String = step.output.iter().map(|piece| piece.text.as_str()).collect();
    let lines: Vec<&str> = output.lines().collect();
    if lines.is_empty() {
        return;
    }
    let _ = write!(text, "\n\n  output of {}:", step.name);
    let left_out = lines.len().saturating_sub(OUTPUT_LINES);
    if left_out > 0 {
        let _ = write!(text, "\n    … {left_out} lines before");
    }
    for line in &lines[left_out..] {
        let _ = write!(text, "\n    {line}");
    }
}

/// The text as a word of a shell's line.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
