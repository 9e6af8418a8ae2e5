use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};

use notify::{ErrorKind, RecursiveMode, Watcher};

use super::super::templates;
use super::{Interrupt, once};
use crate::args::RunArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// An editor writes in several steps: wait until it has been quiet for so long.
const SETTLE: Duration = Duration::from_millis(100);
/// How often to look for Ctrl-C while nothing changes.
const LOOK: Duration = Duration::from_millis(100);

/// Runs whenever a template, or a file it was loaded with, changes; until Ctrl-C.
pub(super) fn run(args: &RunArgs, terminal: &Terminal, signal: &Interrupt) -> Result<Exit, Stop> {
    let stopped = signal.between_runs();
    loop {
        let mut files = given(&args.templates);
        let before = fingerprint(&files);
        let exit = match once(args, terminal, signal, &mut files) {
            Ok(exit) => exit,
            Err(stop) => {
                terminal.complain(&stop);
                stop.exit()
            }
        };
        if exit == Exit::Interrupted {
            return Ok(exit);
        }
        // Files that showed only while loading were not there to be changed meanwhile.
        let mut seen = fingerprint(&files);
        seen.extend(before);
        terminal.say("watching for changes; Ctrl-C ends");
        if !wait(&args.templates, files, &seen, &stopped)? {
            return Ok(exit);
        }
    }
}

type Fingerprint = BTreeMap<PathBuf, (SystemTime, u64)>;

fn given(templates: &[PathBuf]) -> Vec<PathBuf> {
    templates::find(templates).unwrap_or_else(|_| templates.to_vec())
}

fn fingerprint(files: &[PathBuf]) -> Fingerprint {
    let of = |path: &PathBuf| {
        let data = fs::metadata(path).ok()?;
        Some((path.clone(), (data.modified().ok()?, data.len())))
    };
    files.iter().filter_map(of).collect()
}

/// Waits for a change. `false` when it was Ctrl-C that came.
fn wait(
    templates: &[PathBuf],
    mut files: Vec<PathBuf>,
    seen: &Fingerprint,
    stopped: &Receiver<()>,
) -> Result<bool, Stop> {
    let cannot = |error: notify::Error| Stop::Infrastructure(format!("cannot watch: {error}"));
    let (sender, changed) = channel();
    let mut watcher = notify::recommended_watcher(move |_| {
        let _ = sender.send(());
    })
    .map_err(cannot)?;
    let mut watch = |folder: &Path, mode| match watcher.watch(folder, mode) {
        // It went away in this moment: files are looked at now and then all the same.
        Err(error) if is_gone(&error) => Ok(()),
        watched => watched.map_err(cannot),
    };
    for folder in folders(&files) {
        watch(&folder, RecursiveMode::NonRecursive)?;
    }
    for folder in templates.iter().filter(|path| path.is_dir()) {
        watch(folder, RecursiveMode::Recursive)?;
    }
    loop {
        if stopped.try_recv().is_ok() {
            return Ok(false);
        }
        files.extend(given(templates));
        if fingerprint(&files) != *seen {
            while changed.recv_timeout(SETTLE).is_ok() {}
            return Ok(true);
        }
        if changed.recv_timeout(LOOK) == Err(RecvTimeoutError::Disconnected) {
            return Err(Stop::Infrastructure("cannot watch: the watcher has ended".to_owned()));
        }
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

fn folders(files: &[PathBuf]) -> std::collections::BTreeSet<PathBuf> {
    let parent = |path: &PathBuf| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => Path::new(".").to_owned(),
    };
    files.iter().map(parent).filter(|folder| folder.is_dir()).collect()
}
