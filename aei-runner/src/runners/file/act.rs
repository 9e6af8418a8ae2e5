use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aei_core::policy::{Guard, Refusal};
use aei_core::runner::{StepError, StepErrorKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::run::Stop;
use super::{Deed, Params};
use crate::guard::{Way, entry_path, open, real_path};
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

    /// What will have been done.
    pub(super) const fn deed(&self) -> Option<Deed> {
        Some(match self {
            Self::Nothing => return None,
            Self::Write(_) | Self::Append(_) => Deed::Written,
            Self::CopyTo(_) => Deed::Copied,
            Self::MoveTo(_) => Deed::Moved,
            Self::MakeFolder => Deed::Made,
            Self::Delete => Deed::Deleted,
        })
    }

    /// Does it, as far as the node's policy allows.
    pub(super) fn carry_out(
        self,
        policy: &dyn Guard,
        path: &Path,
        stop: &Stop,
    ) -> Result<(), StepError> {
        let hands = Hands { policy };
        match self {
            Self::Nothing => Ok(()),
            Self::Write(content) => hands.write(path, Way::Write, &content, "write"),
            Self::Append(text) => hands.write(path, Way::Append, text.as_bytes(), "append to"),
            Self::CopyTo(target) => hands.copy(path, &target, stop),
            Self::MoveTo(target) => {
                let from = hands.entry(path)?;
                // What is moved can be read at its new place.
                hands.readable(path)?;
                let to = hands.entry(&target)?;
                make_parents(&to).and_then(|()| fs::rename(&from, &to)).or_fail("move", path)
            }
            Self::MakeFolder => {
                let folder = hands.writable(path)?;
                fs::create_dir_all(folder).or_fail("make the folder", path)
            }
            Self::Delete => delete(&hands.entry(path)?).or_fail("delete", path),
        }
    }
}

/// What acts on files, and asks the node's policy before it does. Without a policy, paths are
/// taken as they are.
struct Hands<'a> {
    policy: &'a dyn Guard,
}

impl Hands<'_> {
    /// The path to read.
    fn readable(&self, path: &Path) -> Result<PathBuf, StepError> {
        self.asked(path, real_path, |real| self.policy.check_read(real))
    }

    /// The path to write to.
    fn writable(&self, path: &Path) -> Result<PathBuf, StepError> {
        self.asked(path, real_path, |real| self.policy.check_write(real))
    }

    /// The path to make, move or delete: a link itself, not what it leads to.
    fn entry(&self, path: &Path) -> Result<PathBuf, StepError> {
        self.asked(path, entry_path, |real| self.policy.check_write(real))
    }

    fn asked(
        &self,
        path: &Path,
        real: impl Fn(&Path) -> PathBuf,
        check: impl Fn(&Path) -> Result<(), Refusal>,
    ) -> Result<PathBuf, StepError> {
        if self.policy.is_open() {
            return Ok(path.to_owned());
        }
        let real = real(path);
        check(&real).map_err(|refusal| StepError::from(refusal).at("/path"))?;
        Ok(real)
    }

    fn write(&self, path: &Path, way: Way, content: &[u8], verb: &str) -> Result<(), StepError> {
        make_parents(&self.writable(path)?).or_fail(verb, path)?;
        let mut file = self.open(path, way, verb)?;
        file.write_all(content).or_fail(verb, path)
    }

    fn open(&self, path: &Path, way: Way, verb: &str) -> Result<fs::File, StepError> {
        open(self.policy, path, way)
            .map_err(|denied| denied.into_error(|error| failed(verb, path, &error)).at("/path"))
    }

    /// Copies a file, or a folder with all that is in it. Links are copied as what they lead to.
    fn copy(&self, from: &Path, to: &Path, stop: &Stop) -> Result<(), StepError> {
        let source = self.readable(from)?;
        let target = self.writable(to)?;
        if !source.is_dir() {
            make_parents(&target).or_fail("copy", from)?;
            return self.copy_file(from, to);
        }
        // A folder copied into itself would grow for ever: the list is made before the first copy.
        let entries: Vec<_> = walkdir::WalkDir::new(&source)
            .follow_links(true)
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(io::Error::from)
            .or_fail("copy", from)?;
        for entry in entries {
            stop.check()?;
            let below = entry.path().strip_prefix(&source).unwrap_or_else(|_| entry.path());
            // Joined with an empty path it would end in a separator.
            let target = if below.as_os_str().is_empty() { to.to_owned() } else { to.join(below) };
            if entry.file_type().is_dir() {
                self.readable(entry.path())?;
                fs::create_dir_all(self.writable(&target)?).or_fail("copy", entry.path())?;
            } else {
                self.copy_file(entry.path(), &target)?;
            }
        }
        Ok(())
    }

    fn copy_file(&self, from: &Path, to: &Path) -> Result<(), StepError> {
        if self.policy.is_open() {
            return fs::copy(from, to).map(drop).or_fail("copy", from);
        }
        let mut source = self.open(from, Way::Read, "copy")?;
        let mut target = self.open(to, Way::Write, "copy")?;
        let permissions = source.metadata().map(|metadata| metadata.permissions());
        io::copy(&mut source, &mut target).or_fail("copy", from)?;
        permissions.and_then(|given| target.set_permissions(given)).or_fail("copy", from)
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
        self.map_err(|error| failed(verb, path, &error))
    }
}

pub(super) fn failed(verb: &str, path: &Path, error: &io::Error) -> StepError {
    let message = format!("cannot {verb} `{}`: {}", path.display(), reason(error));
    StepError::new(StepErrorKind::Io, message).at("/path")
}
