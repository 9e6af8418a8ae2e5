use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aei_core::diagnostic::{Diagnostic, nearest};
use aei_core::host::Host;
use aei_core::load::{LoadError, Suite, load};
use aei_core::policy::Policy;
use aei_core::runner::Registry;
use aei_runner::guard;
use walkdir::{DirEntry, WalkDir};

use crate::exit::Stop;
use crate::terminal::Terminal;

/// A template with its warnings, or what is wrong with it.
type Loaded = Result<(Suite, Vec<Diagnostic>), LoadError>;

/// The templates meant by files and folders: of a folder, every `*.aei.yaml`, `*.aei.yml` and
/// `*.aei.json` below it, by name.
pub(super) fn find(given: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let missing: Vec<&PathBuf> = given.iter().filter(|path| is_missing(path)).collect();
    if !missing.is_empty() {
        return Err(not_there(&missing));
    }
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

/// `-` is standard input. What may not be looked at is left to whoever reads it.
fn is_missing(path: &Path) -> bool {
    path != Path::new("-") && path.try_exists().is_ok_and(|exists| !exists)
}

fn not_there(missing: &[&PathBuf]) -> Stop {
    let names: Vec<String> = missing.iter().map(|path| format!("`{}`", path.display())).collect();
    let mistake = Stop::mistake(format!("there is no {}", names.join(" and no ")));
    match missing.first().and_then(|path| similar(path)) {
        Some(like) => mistake.help(format!("did you mean `{}`?", like.display())),
        None => mistake,
    }
}

/// A template of nearly the same name in the same folder.
fn similar(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_template(Path::new(name)))
        .collect();
    let wanted = bare(path.file_name()?.to_str()?);
    let same = names.iter().any(|name| bare(name) == wanted).then_some(wanted);
    let like = same.or_else(|| nearest(wanted, names.iter().map(|name| bare(name))))?;
    Some(path.with_file_name(names.iter().find(|name| bare(name) == like)?))
}

/// `shop` of `shop.aei.yaml`: the rest is the same for all.
fn bare(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// Loads templates, as a policy allows if there is one. All mistakes of all of them are collected;
/// warnings are told.
pub(super) fn load_all(
    given: &[PathBuf],
    registry: &Registry,
    host: &Arc<dyn Host>,
    policy: Option<&Arc<Policy>>,
    terminal: &Terminal,
) -> Result<Vec<Suite>, Stop> {
    let mut suites = Vec::new();
    let mut errors: Vec<LoadError> = Vec::new();
    for loaded in load_each(&find(given)?, registry, host, policy) {
        match loaded {
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

/// Fewer templates than this are not worth a thread.
const FEW: usize = 8;

/// Loads each template, many of them on all cores; the results are in their order.
fn load_each(
    paths: &[PathBuf],
    registry: &Registry,
    host: &Arc<dyn Host>,
    policy: Option<&Arc<Policy>>,
) -> Vec<Loaded> {
    let load_one = |path: &PathBuf| match policy {
        None => load(path, registry, host.as_ref()),
        Some(policy) => guard::load(path, registry, host, policy),
    };
    let load_part = |part: &[PathBuf]| -> Vec<Loaded> { part.iter().map(load_one).collect() };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = paths.len().div_ceil(cores).max(FEW);
    let mut parts = paths.chunks(share);
    let own = parts.next().unwrap_or_default();
    std::thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| scope.spawn(|| load_part(part))).collect();
        let mut loaded = load_part(own);
        for other in others {
            match other.join() {
                Ok(part) => loaded.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        loaded
    })
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(|name| name.starts_with('.'))
}

fn is_template(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    [".aei.yaml", ".aei.yml", ".aei.json"].iter().any(|ending| name.ends_with(ending))
}
