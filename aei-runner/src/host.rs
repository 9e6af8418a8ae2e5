//! The real world behind [`Host`]: this machine's clock, environment and disk.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use aei_core::host::{Host, HostError};
use aei_core::source::MAX_FILE_BYTES;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The name by which people mean standard input.
const STDIN: &str = "-";

/// The machine that this process runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalHost;

impl Host for LocalHost {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn random_int(&self, low: i64, high: i64) -> i64 {
        // The low 62 bits of a version 4 id are chance and nothing else; two of them make the
        // leaning of the remainder too small to see, for any range.
        let bits = || Uuid::new_v4().as_u128() & ((1 << 62) - 1);
        let (low, high) = (i128::from(low.min(high)), i128::from(low.max(high)));
        let span = (high - low).unsigned_abs() + 1;
        let offset = ((bits() << 62) | bits()) % span;
        let value = low + i128::try_from(offset).unwrap_or(0);
        i64::try_from(value).unwrap_or(i64::MAX)
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn size(&self, path: &Path) -> Result<Option<u64>, HostError> {
        if path == Path::new(STDIN) {
            return Ok(None);
        }
        let data = std::fs::metadata(path).map_err(|error| host_error("read", path, &error))?;
        Ok(data.is_file().then_some(data.len()))
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        let content = if path == Path::new(STDIN) {
            read_all(io::stdin().lock())
        } else {
            File::open(path).and_then(read_all)
        };
        content.map_err(|error| host_error("read", path, &error))
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HostError> {
        replace(path, content).map_err(|error| host_error("write", path, &error))
    }
}

/// Reads to the end, unless that is too far away: `/dev/zero` has none.
pub(crate) fn read_all(from: impl Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    from.take(MAX_FILE_BYTES + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_FILE_BYTES {
        let limit = MAX_FILE_BYTES >> 20;
        return Err(io::Error::other(format!("there is more in it than {limit} MiB")));
    }
    Ok(content)
}

/// Writes beside the target and renames, so that nobody ever reads half a file.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent)?;
    let mut file = tempfile::NamedTempFile::new_in(parent)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

fn host_error(action: &'static str, path: &Path, error: &io::Error) -> HostError {
    HostError {
        action,
        path: if path == Path::new(STDIN) {
            "<stdin>".to_owned()
        } else {
            path.display().to_string()
        },
        reason: reason(error),
        not_found: error.kind() == io::ErrorKind::NotFound,
    }
}

/// An error of the system as part of a sentence: `no such file or directory` rather than
/// `No such file or directory (os error 2)`.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// What this machine says of itself: the labels `os`, `arch` and `hostname`.
pub fn node_labels() -> std::collections::BTreeMap<String, String> {
    let mut labels = std::collections::BTreeMap::from([
        ("os".to_owned(), std::env::consts::OS.to_owned()),
        ("arch".to_owned(), std::env::consts::ARCH.to_owned()),
    ]);
    if let Some(name) = hostname() {
        labels.insert("hostname".to_owned(), name);
    }
    labels
}

#[cfg(unix)]
fn hostname() -> Option<String> {
    nix::unistd::gethostname().ok()?.into_string().ok()
}

#[cfg(not(unix))]
fn hostname() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_keeps_to_its_range_and_reaches_both_ends() {
        let drawn: Vec<i64> = (0..200).map(|_| LocalHost.random_int(-1, 1)).collect();
        assert!(drawn.iter().all(|n| (-1..=1).contains(n)));
        assert!(drawn.contains(&-1) && drawn.contains(&1));
        assert_eq!(LocalHost.random_int(7, 7), 7);
        LocalHost.random_int(i64::MIN, i64::MAX);
    }

    #[test]
    fn what_has_no_end_is_refused() {
        let content = vec![0; 64 << 20];
        assert_eq!(read_all(&*content).unwrap().len(), content.len());
        let error = read_all(io::repeat(0)).unwrap_err();
        assert_eq!(error.to_string(), "there is more in it than 64 MiB");
    }

    #[test]
    fn only_files_have_a_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        LocalHost.write(&path, b"four").unwrap();
        assert_eq!(LocalHost.size(&path).unwrap(), Some(4));
        assert_eq!(LocalHost.size(folder.path()).unwrap(), None);
        assert!(LocalHost.size(&folder.path().join("none")).unwrap_err().not_found);
    }

    #[test]
    fn a_write_replaces_the_file_and_makes_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.txt");
        LocalHost.write(&path, b"one").unwrap();
        LocalHost.write(&path, b"two").unwrap();
        assert_eq!(LocalHost.read(&path).unwrap(), b"two");
        assert!(LocalHost.read(&folder.path().join("none")).unwrap_err().not_found);
    }
}
