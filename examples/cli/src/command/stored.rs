use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use aei_core::report::{CaseSource, StoredReport};
use aei_runner::RunFolder;

use crate::exit::Stop;

/// A report that is on the disk, and where its artifacts are.
pub(super) struct Stored {
    pub(super) source: Box<dyn CaseSource>,
    /// The folder that artifacts are relative to.
    pub(super) folder: PathBuf,
    /// Where it is put as HTML.
    pub(super) html: PathBuf,
}

/// Opens what a person calls a report: a JSON report, the folder of a run, its id, or `latest`.
pub(super) fn open(report: &Path, runs: &Path) -> Result<Stored, Stop> {
    let path = place(report, runs)?;
    let wrong = |error: &dyn std::fmt::Display| {
        Stop::mistake(format!("cannot read the report `{}`: {error}", path.display()))
    };
    if path.is_dir() {
        let source = RunFolder::open(&path).map_err(|error| wrong(&error))?;
        let html = path.join("report.html");
        return Ok(Stored { source: Box::new(source), folder: path, html });
    }
    let file = File::open(&path).map_err(|error| wrong(&error))?;
    let source = StoredReport::open(BufReader::new(file)).map_err(|error| {
        wrong(&error)
            .help("a report is a JSON report of AEI (`--report json=FILE`) or a run's folder")
    })?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok(Stored { source: Box::new(source), folder, html: path.with_extension("html") })
}

fn place(report: &Path, runs: &Path) -> Result<PathBuf, Stop> {
    if report.exists() {
        return Ok(report.to_owned());
    }
    if report == Path::new("latest") {
        return latest(runs).ok_or_else(|| {
            Stop::mistake(format!("there is no run in `{}` yet", runs.display()))
                .help("start one with `aei run TEMPLATE`")
        });
    }
    let by_id = runs.join(report);
    if by_id.is_dir() {
        return Ok(by_id);
    }
    Err(Stop::mistake(format!("there is no report `{}`", report.display()))
        .help("name a JSON report, the folder of a run, its id, or `latest`"))
}

/// Ids of runs begin with their time, so the last by name is the last in time.
fn latest(runs: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(runs).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    folders.filter(|path| path.is_dir()).max()
}

/// Reads the artifacts of a run's folder; nothing outside it.
pub(super) fn artifact(folder: &Path) -> impl Fn(&str) -> Option<Vec<u8>> {
    let root = folder.canonicalize();
    move |path: &str| {
        let root = root.as_ref().ok()?;
        let path = root.join(path).canonicalize().ok()?;
        path.starts_with(root).then(|| fs::read(path).ok()).flatten()
    }
}
