use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use aei_core::redact::MASK;
use aei_runner::RunOutcome;

use super::super::{stored, writing};
use super::people;
use crate::args::RunArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::{Memory, Paint, Terminal, plural, shell_word, summary_json, summary_line};

/// What is said and written when a run has ended.
pub(super) struct Ending<'a> {
    pub(super) args: &'a RunArgs,
    pub(super) terminal: &'a Terminal,
    /// The run's folder.
    pub(super) path: PathBuf,
    pub(super) outcome: RunOutcome,
    pub(super) memory: Memory,
    pub(super) interrupted: bool,
}

impl Ending<'_> {
    /// Failures in full, reports, the verdict. Trouble with one never keeps the others back.
    pub(super) fn tell(mut self) -> Exit {
        let (mut out, paint) = people(self.args, self.terminal);
        let told = self.failures(&mut *out, paint).and_then(|()| self.verdict(&mut *out, paint));
        let told = told.map_err(Stop::Output).err();
        drop(out);
        let reports = self.reports();
        let json = if self.args.output.json { self.json() } else { Ok(()) };
        if !self.args.output.quiet {
            self.terminal.say(&format!(
                "{} {}",
                self.terminal.err().dim("results:"),
                self.path.display()
            ));
        }
        let mut broken = !self.outcome.sink_errors.is_empty();
        for error in &self.outcome.sink_errors {
            self.terminal.complain(&Stop::Infrastructure(error.to_string()));
        }
        let stops = told.into_iter().chain(reports).chain(json.err());
        for stop in stops.filter(|stop| !stop.is_reader_gone()) {
            broken = true;
            self.terminal.complain(&stop);
        }
        self.exit(broken)
    }

    const fn exit(&self, broken: bool) -> Exit {
        if self.interrupted {
            Exit::Interrupted
        } else if broken {
            Exit::Infrastructure
        } else if self.outcome.status.is_bad() || self.outcome.summary.cancelled > 0 {
            Exit::Failed
        } else {
            Exit::Passed
        }
    }

    fn failures(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        if !self.memory.failed.is_empty() && !self.args.output.quiet {
            writeln!(out)?;
        }
        let flags = self.flags();
        for case in &self.memory.failed {
            writeln!(out, "{}", case.render(paint, &flags))?;
        }
        if self.memory.untold > 0 {
            let more = plural(self.memory.untold, "more case");
            writeln!(out, "{more} did not pass; `aei report show` tells of all\n")?;
        }
        Ok(())
    }

    /// The inputs of this run, as flags for another. Secrets are left to the person.
    fn flags(&self) -> String {
        let inputs = &self.args.inputs;
        let suites = &self.outcome.report.head().suites;
        let is_secret =
            |name: &str| suites.iter().any(|s| s.inputs.get(name) == Some(&MASK.into()));
        let mut flags = String::new();
        for (name, value) in &inputs.inputs {
            let value = if is_secret(name) { "…" } else { value };
            flags += " --input ";
            flags += &shell_word(&format!("{name}={value}"));
        }
        if let Some(file) = &inputs.input_file {
            flags += " --input-file ";
            flags += &shell_word(&file.display().to_string());
        }
        flags
    }

    fn verdict(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        if self.args.output.quiet && self.memory.failed.is_empty() {
            return Ok(());
        }
        let head = self.outcome.report.head();
        let time = Duration::from_micros(head.duration_us);
        writeln!(out, "{}", summary_line(&self.outcome.summary, time, paint))?;
        if let Some(reason) = &head.reason {
            writeln!(out, "{}", paint.warn(reason))?;
        }
        out.flush()
    }

    fn reports(&mut self) -> Vec<Stop> {
        let artifact = stored::artifact(&self.path);
        let targets = &self.args.output.reports;
        let report = &mut *self.outcome.report;
        let written = targets.iter().map(|target| writing::report(report, target, &artifact));
        written.filter_map(Result::err).collect()
    }

    fn json(&self) -> Result<(), Stop> {
        let folder = self.path.display().to_string();
        let summary = summary_json(self.outcome.report.head(), &folder);
        self.terminal.print(&format!("{summary:#}\n"))
    }
}
