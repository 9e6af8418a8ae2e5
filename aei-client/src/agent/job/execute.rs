use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use aei_core::api::{FinishCommand, NodeCommand};
use aei_core::event::{Status, Summary};
use aei_core::report::CaseSource;
use aei_core::report::format::{Format, Options, WriteError, write};
use aei_runner::{CancelToken, CutOff, CutOffRun, Engine, Run, RunFolder, RunOutcome};

use super::folder::{Claim, Folder};
use super::prepare::{Setup, prepare};
use super::take::Unfit;
use crate::spool::{Ballast, Spool, SpoolSink};

/// All that running needs, on a thread of its own: the engine blocks.
pub(super) struct Execution {
    pub(super) setup: Arc<Setup>,
    pub(super) folder: Folder,
    pub(super) claim: Claim,
    pub(super) spool: Arc<Spool>,
    pub(super) ballast: Arc<Ballast>,
    pub(super) cancel: CancelToken,
    /// Told of artifacts as they come.
    pub(super) files: tokio::sync::mpsc::Sender<String>,
}

impl Execution {
    /// Runs the command. When this returns, its end is on disk.
    pub(super) fn run(self) -> FinishCommand {
        let outcome = self.attempt();
        self.end(outcome)
    }

    /// Ends a command that was cut off in the middle, without running anything.
    pub(super) fn conclude(self, reason: &str) -> FinishCommand {
        let outcome = self.closed(reason);
        self.end(outcome)
    }

    fn attempt(&self) -> Result<RunOutcome, Unfit> {
        let command = &self.claim.command;
        if command.cases.as_ref().is_some_and(Vec::is_empty) {
            let reason = "no case was given to this node".to_owned();
            return Err(Unfit { status: Status::Passed, reason });
        }
        let (plan, host) = prepare(&self.setup, &self.folder, &self.claim)?;
        let room = |error: io::Error| {
            Unfit::errored(format!("there is no room for results on the node: {error}"))
        };
        self.ballast.load().map_err(room)?;
        let path = self.folder.run(self.claim.attempt);
        let folder = RunFolder::without_journal(&path, command.run_id)
            .map_err(|error| Unfit::errored(error.to_string()))?;
        // From here on a crash means that it ran.
        self.folder.set_claim(&self.claim).map_err(room)?;
        let run = Run {
            plan,
            folder: Some(folder),
            sinks: vec![Box::new(self.sink())],
            cancel: self.cancel.clone(),
        };
        Engine::new(self.setup.registry.clone(), host)
            .run(run)
            .map_err(|error| Unfit::errored(error.to_string()))
    }

    fn closed(&self, reason: &str) -> Result<RunOutcome, Unfit> {
        let wrong = |error: &dyn std::fmt::Display| Unfit::errored(format!("{reason}; {error}"));
        let events = self.spool.events().map_err(|error| wrong(&error))?;
        if events.is_empty() {
            return Err(Unfit::errored(format!("it did not come to run, since {reason}")));
        }
        let path = self.folder.run(self.claim.attempt);
        let run = CutOffRun::open(&path, self.claim.command.run_id, events)
            .map_err(|error| wrong(&error))?;
        let (plan, host) = match prepare(&self.setup, &self.folder, &self.claim) {
            Ok((plan, host)) => (Some(plan), host),
            Err(_) => (None, Arc::new(aei_runner::LocalHost) as _),
        };
        let sinks: Vec<Box<dyn aei_core::event::Sink>> = vec![Box::new(self.sink())];
        let cut = CutOff { run, plan, sinks, reason: reason.to_owned() };
        Ok(Engine::new(self.setup.registry.clone(), host).conclude(cut))
    }

    fn sink(&self) -> SpoolSink {
        let (cancel, spool) = (self.cancel.clone(), Arc::clone(&self.spool));
        SpoolSink {
            spool: Arc::clone(&self.spool),
            files: self.files.clone(),
            stop: Some(Box::new(move || {
                cancel.cancel_because(spool.trouble().unwrap_or_default());
            })),
        }
    }

    fn end(self, outcome: Result<RunOutcome, Unfit>) -> FinishCommand {
        let mut finish = match outcome {
            Ok(mut outcome) => {
                let reason = self.report(outcome.report.as_mut());
                let reason = self.cancel.reason().map(str::to_owned).or(reason);
                FinishCommand {
                    status: outcome.status,
                    summary: outcome.summary,
                    events: 0,
                    reason: reason.or_else(|| outcome.report.head().reason.clone()),
                }
            }
            Err(Unfit { status, reason }) => FinishCommand {
                status,
                summary: Summary::default(),
                events: 0,
                reason: Some(reason),
            },
        };
        if let Some(trouble) = self.spool.trouble() {
            finish.status = Status::Errored;
            finish.reason = Some(trouble);
        }
        finish.events = self.spool.count();
        if let Err(error) = self.folder.set_finish(&finish) {
            // Without the mark, a crash before delivery makes it one that was cut off.
            tracing::error!(%error, "the end of a command could not be noted");
        }
        self.spool.close();
        finish
    }

    /// Writes the report; gives the reason when there is no place for it.
    fn report(&self, source: &mut dyn CaseSource) -> Option<String> {
        let path = self.folder.report();
        let first = write_report(&path, source);
        let written = first.or_else(|_| {
            self.ballast.give_up();
            write_report(&path, source)
        });
        let error = written.err()?;
        let _ = std::fs::remove_file(&path);
        Some(format!("the report could not be kept on the node: {error}"))
    }
}

fn write_report(path: &Path, source: &mut dyn CaseSource) -> Result<(), WriteError> {
    let mut file = BufWriter::with_capacity(256 << 10, File::create(path)?);
    write(Format::Json, source, &mut file, &Options::default())?;
    file.flush()?;
    Ok(file.get_ref().sync_data()?)
}

/// How a command ends that was never run.
pub(super) fn unfit(command: &NodeCommand, why: Unfit) -> FinishCommand {
    tracing::warn!(command = %command.id, reason = %why.reason, "not run");
    let summary = Summary::default();
    FinishCommand { status: why.status, summary, events: 0, reason: Some(why.reason) }
}
