use std::path::{Path, PathBuf};

use aei_core::host::Host;
use aei_core::load::{LoadError, Suite, load};
use aei_core::runner::Registry;
use walkdir::{DirEntry, WalkDir};

use crate::exit::Stop;
use crate::terminal::Terminal;

/// The templates meant by files and folders: of a folder, every `*.aei.yaml`, `*.aei.yml` and
/// `*.aei.json` below it, by name.
pub(super) fn find(given: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in given {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        let walk = WalkDir::new(path).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry)) {
            let entry = entry.map_err(|error| Stop::mistake(error.to_string()))?;
            if entry.file_type().is_file() && is_template(entry.path()) {
                found.push(entry.into_path());
            }
        }
        if found.len() == before {
            let message = format!("no templates in `{}`", path.display());
            return Err(Stop::mistake(message).help(
                "templates in folders are called `*.aei.yaml`, `*.aei.yml` or `*.aei.json`",
            ));
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

/// Loads templates. All mistakes of all of them are collected; warnings are told.
pub(super) fn load_all(
    given: &[PathBuf],
    registry: &Registry,
    host: &dyn Host,
    terminal: &Terminal,
) -> Result<Vec<Suite>, Stop> {
    let mut suites = Vec::new();
    let mut errors: Vec<LoadError> = Vec::new();
    for path in find(given)? {
        match load(&path, registry, host) {
            Ok((suite, warnings)) => {
                if !warnings.is_empty() {
                    terminal.diagnose(&warnings, &suite.sources);
                }
                suites.push(suite);
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(suites) } else { Err(Stop::Templates(errors)) }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(|name| name.starts_with('.'))
}

fn is_template(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    [".aei.yaml", ".aei.yml", ".aei.json"].iter().any(|ending| name.ends_with(ending))
}
