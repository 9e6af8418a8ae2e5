use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use aei_core::event::Status;
use aei_core::report::format::Format;
use aei_core::report::{CaseSource, ReadError, Slower, diff, merge};

use super::stored::{self, Stored};
use super::writing;
use crate::args::{ConvertArgs, DiffArgs, MergeArgs, OpenArgs, ReportCommand, ShowArgs, Target};
use crate::exit::{Exit, Stop};
use crate::terminal::{FailedCase, Terminal, summary_line};

/// `aei report`: what can be done with reports.
pub(super) fn run(command: ReportCommand, terminal: &Terminal) -> Result<Exit, Stop> {
    match command {
        ReportCommand::Convert(args) => convert(&args),
        ReportCommand::Merge(args) => merged(&args),
        ReportCommand::Open(args) => open(&args, terminal),
        ReportCommand::Show(args) => show(&args, terminal),
        ReportCommand::Diff(args) => differences(&args, terminal),
    }
}

fn convert(args: &ConvertArgs) -> Result<Exit, Stop> {
    let mut report = stored::open(&args.report, &args.runs.out)?;
    write_all(&mut *report.source, &args.to.targets, &report.folder)
}

fn merged(args: &MergeArgs) -> Result<Exit, Stop> {
    let mut sources = Vec::new();
    let mut folder = None;
    for report in &args.reports {
        let Stored { source, folder: its, .. } = stored::open(report, &args.runs.out)?;
        folder.get_or_insert(its);
        sources.push(source);
    }
    let mut merged = merge(&mut sources).map_err(|error| unreadable(&error))?;
    write_all(&mut merged, &args.to.targets, &folder.unwrap_or_default())
}

fn write_all(source: &mut dyn CaseSource, targets: &[Target], folder: &Path) -> Result<Exit, Stop> {
    let artifact = stored::artifact(folder);
    let written = targets.iter().map(|target| writing::report(source, target, &artifact));
    // Trouble with one never keeps the others back.
    let troubles: Vec<Stop> = written.filter_map(Result::err).collect();
    let worst = troubles.into_iter().min_by_key(Stop::is_reader_gone);
    worst.map_or(Ok(Exit::Passed), Err)
}

fn open(args: &OpenArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let mut report = stored::open(&args.report, &args.runs.out)?;
    let path = report.html.clone();
    let target = Target { format: Format::Html, path: Some(path.clone()) };
    writing::report(&mut *report.source, &target, &stored::artifact(&report.folder))?;
    if args.print {
        terminal.print(&format!("{}\n", path.display()))?;
    } else if browse(&path) {
        terminal.say(&format!("opened {}", path.display()));
    } else {
        terminal.say("no browser could be started; the report is here:");
        terminal.print(&format!("{}\n", path.display()))?;
    }
    Ok(Exit::Passed)
}

/// How long the desktop may take to say that it has no browser.
const REFUSAL: Duration = Duration::from_secs(3);

/// Has the desktop show a file. A browser that stays in the foreground is not waited for.
fn browse(path: &Path) -> bool {
    let (program, before): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(before).arg(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A Ctrl-C meant for what comes next is none for the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let Ok(mut opener) = command.spawn() else { return false };
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = ended.send(opener.wait().is_ok_and(|status| status.success()));
    });
    end.recv_timeout(REFUSAL).unwrap_or(true)
}

fn show(args: &ShowArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let mut report = stored::open(&args.report, &args.runs.out)?;
    let paint = terminal.out();
    let files: Vec<String> =
        report.source.head().suites.iter().map(|suite| suite.file.clone()).collect();
    let mut shown = Ok(());
    let read = report.source.each_case(&mut |case| {
        let cut_off = case.status == Status::Cancelled;
        if (case.status.is_bad() || cut_off) && shown.is_ok() {
            let file = files.get(case.suite as usize).map_or("", String::as_str);
            shown = terminal.print(&(FailedCase::from_report(case, file).render(paint, "") + "\n"));
        }
        Ok(())
    });
    shown?;
    read.map_err(|error| unreadable(&error))?;
    let head = report.source.head();
    let time = Duration::from_micros(head.duration_us);
    terminal.print(&(summary_line(&head.summary, time, paint) + "\n"))?;
    if let Some(reason) = &head.reason {
        terminal.print(&(paint.warn(reason) + "\n"))?;
    }
    let bad = head.status.is_bad() || head.status == Status::Cancelled;
    Ok(if bad { Exit::Failed } else { Exit::Passed })
}

fn unreadable(error: &ReadError) -> Stop {
    Stop::Infrastructure(format!("cannot read the report: {error}"))
}

fn differences(args: &DiffArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let mut before = stored::open(&args.before, &args.runs.out)?;
    let mut after = stored::open(&args.after, &args.runs.out)?;
    let found = diff(&mut *before.source, &mut *after.source, Slower::default())
        .map_err(|error| unreadable(&error))?;
    if args.json {
        let json = serde_json::to_string_pretty(&found).map_err(std::io::Error::from)?;
        terminal.print(&(json + "\n"))?;
    } else {
        terminal.print(&found.to_string())?;
    }
    Ok(if found.is_worse() { Exit::Failed } else { Exit::Passed })
}
