use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use aei_core::policy::{Guard, Refusal};
use aei_core::runner::StepError;

use super::real_path;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To read it.
    Read,
    /// To write it anew; it is made when it is not there.
    Write,
    /// To write at its end; it is made when it is not there.
    Append,
}

/// A file that was not opened.
#[derive(Debug)]
pub enum Denied {
    /// The policy forbids it.
    Refused(Refusal),
    /// The system does.
    Io(io::Error),
}

impl From<io::Error> for Denied {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Denied {
    /// As the error of a step; `word` words what the system said.
    pub fn into_error(self, word: impl FnOnce(io::Error) -> StepError) -> StepError {
        match self {
            Self::Refused(refusal) => refusal.into(),
            Self::Io(error) => word(error),
        }
    }
}

/// Opens a file if the policy allows what the path really leads to.
pub fn open(guard: &dyn Guard, path: &Path, way: Way) -> Result<File, Denied> {
    if guard.is_open() {
        return Ok(options(way).open(path)?);
    }
    let real = allowed(guard, path, way)?;
    Ok(without_links(&real, way)?)
}

/// The real path, if the policy allows it.
pub(crate) fn allowed(guard: &dyn Guard, path: &Path, way: Way) -> Result<PathBuf, Refusal> {
    let real = real_path(path);
    match way {
        Way::Read => guard.check_read(&real)?,
        Way::Write | Way::Append => guard.check_write(&real)?,
    }
    Ok(real)
}

fn options(way: Way) -> OpenOptions {
    let mut options = File::options();
    match way {
        Way::Read => options.read(true),
        Way::Write => options.write(true).create(true).truncate(true),
        Way::Append => options.append(true).create(true),
    };
    options
}

/// Opens a real path. A link on the way was put there since it was asked about, perhaps by a step
/// that runs at the same time, and is not followed.
#[cfg(target_os = "linux")]
fn without_links(real: &Path, way: Way) -> io::Result<File> {
    use nix::errno::Errno;
    use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat2};
    use nix::sys::stat::Mode;

    let flags = match way {
        Way::Read => OFlag::O_RDONLY,
        Way::Write => OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_TRUNC,
        Way::Append => OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_APPEND,
    };
    let mode = if way == Way::Read { Mode::empty() } else { Mode::from_bits_truncate(0o666) };
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC)
        .mode(mode)
        .resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
    match openat2(AT_FDCWD, real, how) {
        Ok(file) => Ok(File::from(file)),
        // Kernels before 5.6, and some sandboxes.
        Err(Errno::ENOSYS | Errno::EPERM) => checked(real, way),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn without_links(real: &Path, way: Way) -> io::Result<File> {
    checked(real, way)
}

/// Opens a real path and looks whether it still is one.
fn checked(real: &Path, way: Way) -> io::Result<File> {
    let mut options = options(way);
    options.truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits());
    }
    let file = options.open(real)?;
    if real_path(real) != real {
        return Err(io::Error::other("a link was put in its place"));
    }
    if way == Way::Write {
        file.set_len(0)?;
    }
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::symlink;

    use super::*;

    /// The two ways to open, the second for kernels without the first.
    const WAYS: [fn(&Path, Way) -> io::Result<File>; 2] = [without_links, checked];

    #[test]
    fn a_link_put_in_place_since_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::fs::write(root.join("real/a"), "kept").unwrap();
        symlink(root.join("real"), root.join("folder")).unwrap();
        symlink(root.join("real/a"), root.join("file")).unwrap();
        symlink(root.join("real/new"), root.join("dangling")).unwrap();
        for open in WAYS {
            for name in ["folder/a", "file", "dangling"] {
                for way in [Way::Read, Way::Write, Way::Append] {
                    assert!(open(&root.join(name), way).is_err(), "{name} {way:?}");
                }
            }
        }
        assert_eq!(std::fs::read_to_string(root.join("real/a")).unwrap(), "kept");
        assert!(!root.join("real/new").exists());
    }

    #[test]
    fn real_paths_are_opened_in_all_ways() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("a");
        for open in WAYS {
            open(&path, Way::Write).unwrap().write_all(b"first").unwrap();
            open(&path, Way::Write).unwrap().write_all(b"one").unwrap();
            open(&path, Way::Append).unwrap().write_all(b" two").unwrap();
            let mut text = String::new();
            open(&path, Way::Read).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "one two");
        }
    }
}
