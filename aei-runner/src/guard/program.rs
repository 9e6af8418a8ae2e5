use std::path::{Path, PathBuf};

use aei_core::policy::{Guard, Program, Refusal};

use super::{entry_path, paths, real_path};

/// What every program gets of the environment: where things are, who the user is, how to write.
const ALWAYS: [&str; 14] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "COMSPEC",
];

/// A program that is not started.
#[derive(Debug)]
pub(crate) enum NotStarted {
    /// The policy forbids it.
    Refused(Refusal),
    /// No such program is on `PATH`.
    NotFound,
}

/// Finds the program that a name or path means and asks whether it may be started. A name is
/// looked up on the `PATH` of this process, whatever the program's own will be.
pub(crate) fn find(guard: &dyn Guard, asked: &str, path: &Path) -> Result<PathBuf, NotStarted> {
    let is_path = path.components().count() > 1;
    let entry = if is_path {
        entry_path(path)
    } else {
        paths::on_path(asked).ok_or(NotStarted::NotFound)?
    };
    let real = real_path(&entry);
    guard
        .check_program(&Program { asked, entry: &entry, real: &real })
        .map_err(NotStarted::Refused)?;
    Ok(entry)
}

/// Whether a program inherits a variable.
pub(crate) fn inherits(guard: &dyn Guard, name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ALWAYS.contains(&upper.as_str()) || upper.starts_with("LC_") || guard.check_env(name).is_ok()
}
