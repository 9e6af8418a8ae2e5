use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

/// Where a document came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    Path(PathBuf),
    /// An address.
    Url(Url),
    /// Standard input, the clipboard, a command line: no place that others are relative to.
    Nowhere,
}

impl Origin {
    /// The last part of the name, for titles.
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => {
                path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
            }
            Self::Url(url) => url.to_string(),
            Self::Nowhere => String::new(),
        }
    }

    /// The place that a reference in this document leads to, such as `../common/Error.yaml`.
    pub(super) fn join(&self, reference: &str) -> Option<Self> {
        // Only what stands beside the document is read: no description makes this machine ask
        // other hosts, or read files because of an address.
        if Url::parse(reference).is_ok_and(|url| url.scheme().len() > 1) {
            let Self::Url(place) = self else { return None };
            let url = Url::parse(reference).ok()?;
            return (url.origin() == place.origin()).then_some(Self::Url(url));
        }
        match self {
            Self::Path(path) => {
                let reference =
                    percent_encoding::percent_decode_str(reference).decode_utf8().ok()?;
                let folder = path.parent().unwrap_or(Path::new(""));
                Some(Self::Path(normal(&folder.join(&*reference))))
            }
            Self::Url(place) => {
                let url = place.join(reference).ok()?;
                (url.origin() == place.origin()).then_some(Self::Url(url))
            }
            Self::Nowhere => None,
        }
    }

    /// What stands there.
    pub(super) fn read(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Path(path) => std::fs::read(path).map_err(|error| error.to_string()),
            Self::Url(url) => super::fetch(url).map_err(|error| error.to_string()),
            Self::Nowhere => Err("the document has no place of its own".to_owned()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Url(url) => url.fmt(f),
            Self::Nowhere => f.write_str("the input"),
        }
    }
}

/// Resolves `.` and `..` by name, so that one file has one place.
fn normal(path: &Path) -> PathBuf {
    use std::path::Component;

    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
