use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aei_core::runner::{StepError, StepErrorKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Params;
use super::run::Stop;
use crate::host::reason;

/// What is done to a path before it is looked at.
pub(super) enum Action {
    Nothing,
    Write(Vec<u8>),
    Append(String),
    CopyTo(PathBuf),
    MoveTo(PathBuf),
    MakeFolder,
    Delete,
}

impl Action {
    /// The one thing that the parameters ask for.
    pub(super) fn of(params: &Params, work_dir: &Path) -> Result<Self, StepError> {
        let path = |name: &Option<String>| name.as_ref().map(|name| work_dir.join(name));
        let json = || params.write_json.as_ref().map(|value| format!("{value:#}\n").into_bytes());
        let asked = [
            ("write", params.write.clone().map(|text| Ok(Self::Write(text.into_bytes())))),
            ("write_json", json().map(|json| Ok(Self::Write(json)))),
            ("write_base64", params.write_base64.as_deref().map(decoded)),
            ("append", params.append.clone().map(|text| Ok(Self::Append(text)))),
            ("copy_to", path(&params.copy_to).map(Self::CopyTo).map(Ok)),
            ("move_to", path(&params.move_to).map(Self::MoveTo).map(Ok)),
            ("mkdir", params.mkdir.then_some(Ok(Self::MakeFolder))),
            ("delete", params.delete.then_some(Ok(Self::Delete))),
        ];
        let mut asked = asked.into_iter().filter_map(|(key, action)| Some((key, action?)));
        let Some((first, action)) = asked.next() else { return Ok(Self::Nothing) };
        if let Some((second, _)) = asked.next() {
            return Err(wrong(second, format!("`{first}` and `{second}` exclude each other"))
                .help("Write one step for each."));
        }
        if params.glob.is_some() {
            return Err(wrong(first, format!("`{first}` does not go with `glob`")));
        }
        action
    }

    /// Does it.
    pub(super) fn carry_out(self, path: &Path, stop: &Stop) -> Result<(), StepError> {
        match self {
            Self::Nothing => Ok(()),
            Self::Write(content) => {
                make_parents(path).and_then(|()| fs::write(path, content)).or_fail("write", path)
            }
            Self::Append(text) => {
                make_parents(path).and_then(|()| append(path, &text)).or_fail("append to", path)
            }
            Self::CopyTo(target) => copy(path, &target, stop),
            Self::MoveTo(target) => {
                make_parents(&target).and_then(|()| fs::rename(path, &target)).or_fail("move", path)
            }
            Self::MakeFolder => fs::create_dir_all(path).or_fail("make the folder", path),
            Self::Delete => delete(path).or_fail("delete", path),
        }
    }
}

fn wrong(key: &str, message: String) -> StepError {
    StepError::new(StepErrorKind::InvalidParams, message).at(format!("/{key}"))
}

fn decoded(text: &str) -> Result<Action, StepError> {
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|error| wrong("write_base64", format!("`write_base64` is not base64: {error}")))?;
    Ok(Action::Write(bytes))
}

fn make_parents(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(text.as_bytes())
}

/// Copies a file, or a folder with all that is in it. Links are copied as what they lead to.
fn copy(from: &Path, to: &Path, stop: &Stop) -> Result<(), StepError> {
    if !from.is_dir() {
        return make_parents(to).and_then(|()| fs::copy(from, to).map(drop)).or_fail("copy", from);
    }
    // A folder copied into itself would grow for ever: the list is made before the first copy.
    let entries: Vec<_> = walkdir::WalkDir::new(from)
        .follow_links(true)
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(io::Error::from)
        .or_fail("copy", from)?;
    for entry in entries {
        stop.check()?;
        let below = entry.path().strip_prefix(from).unwrap_or_else(|_| entry.path());
        // Joined with an empty path it would end in a separator.
        let target = if below.as_os_str().is_empty() { to.to_owned() } else { to.join(below) };
        let copied = if entry.file_type().is_dir() {
            fs::create_dir_all(&target)
        } else {
            fs::copy(entry.path(), &target).map(drop)
        };
        copied.or_fail("copy", entry.path())?;
    }
    Ok(())
}

fn delete(path: &Path) -> io::Result<()> {
    let deleted = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match deleted {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Words an error of the system for people.
pub(super) trait OrFail<T> {
    /// `cannot <verb> <path>: <reason>`.
    fn or_fail(self, verb: &str, path: &Path) -> Result<T, StepError>;
}

impl<T> OrFail<T> for io::Result<T> {
    fn or_fail(self, verb: &str, path: &Path) -> Result<T, StepError> {
        self.map_err(|error| {
            let message = format!("cannot {verb} `{}`: {}", path.display(), reason(&error));
            StepError::new(StepErrorKind::Io, message).at("/path")
        })
    }
}
