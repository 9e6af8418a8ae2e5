use std::fs::{self, Metadata};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use aei_core::policy::Guard;
use aei_core::runner::{StepContext, StepError, StepErrorKind};
use aei_core::template::ByteSize;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use globset::{GlobBuilder, GlobMatcher};
use serde_json::Value;
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use super::act::{OrFail, failed};
use super::run::Stop;
use super::{Found, Kind, Outcome, Params, Read};
use crate::guard::{Way, open, real_path};
use crate::runners::hexadecimal::hexadecimal;

const MAX_SIZE: u64 = 1 << 20;
const MOST_FILES: usize = 10_000;

/// What is to be looked at.
pub(super) struct Look {
    policy: Arc<dyn Guard>,
    path: PathBuf,
    glob: Option<GlobMatcher>,
    read: Read,
    max_size: u64,
}

impl Look {
    pub(super) fn new(params: &Params, cx: &StepContext) -> Result<Self, StepError> {
        let work_dir = &cx.work_dir;
        let wrong = |key: &str, message: String| {
            StepError::new(StepErrorKind::InvalidParams, message).at(format!("/{key}"))
        };
        let path = match &params.path {
            Some(path) if path.is_empty() => return Err(wrong("path", "`path` is empty".into())),
            Some(path) => work_dir.join(path),
            None if params.glob.is_some() => work_dir.clone(),
            None => {
                let message = "one of `path` and `glob` is needed";
                return Err(StepError::new(StepErrorKind::InvalidParams, message));
            }
        };
        let glob = match &params.glob {
            Some(pattern) => {
                let glob = GlobBuilder::new(pattern).literal_separator(true).build();
                let glob = glob.map_err(|error| wrong("glob", error.to_string()))?;
                Some(glob.compile_matcher())
            }
            None => None,
        };
        let max_size = params.max_size.map_or(MAX_SIZE, |size| size.0);
        let policy = Arc::clone(&cx.policy);
        Ok(Self { policy, path, glob, read: params.read, max_size })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is there.
    pub(super) fn outcome(&self, stop: &Stop) -> Result<Outcome, StepError> {
        self.ask(&self.path, "/path")?;
        let path = plain(&self.path).display().to_string();
        if let Some(glob) = &self.glob {
            let files = self.found(glob, stop)?;
            return Ok(Outcome {
                exists: !files.is_empty(),
                path,
                files: Some(files),
                ..Outcome::default()
            });
        }
        let link_to = fs::read_link(&self.path).ok();
        let Some((kind, metadata)) = self.metadata(link_to.is_some())? else {
            return self.nothing(path);
        };
        let mut outcome = Outcome {
            exists: true,
            kind: Some(kind),
            path,
            link_to: link_to.map(|target| target.display().to_string()),
            modified: metadata.modified().ok().map(|time| {
                DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::AutoSi, true)
            }),
            mode: mode(&metadata),
            ..Outcome::default()
        };
        match kind {
            Kind::File => {
                outcome.size = Some(metadata.len());
                self.read(&mut outcome, stop)?;
            }
            Kind::Folder => outcome.files = Some(self.entries("", 1, |_, _| true, stop)?),
            Kind::Link | Kind::Other => {}
        }
        Ok(outcome)
    }

    /// Asks the node's policy about what a path leads to, before anything of it is told.
    fn ask(&self, path: &Path, at: &str) -> Result<(), StepError> {
        if self.policy.is_open() {
            return Ok(());
        }
        self.policy.check_read(&real_path(path)).map_err(|refusal| StepError::from(refusal).at(at))
    }

    /// Nothing is there: a fact, unless its content was asked for.
    fn nothing(&self, path: String) -> Result<Outcome, StepError> {
        if matches!(self.read, Read::Auto | Read::None) {
            return Ok(Outcome { path, ..Outcome::default() });
        }
        let message = format!("cannot read `{path}`: there is no such file");
        Err(StepError::new(StepErrorKind::Io, message).at("/path"))
    }

    fn metadata(&self, is_link: bool) -> Result<Option<(Kind, Metadata)>, StepError> {
        let gone = |error: &std::io::Error| {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
        };
        match fs::metadata(&self.path) {
            Ok(metadata) => Ok(Some((kind(&metadata), metadata))),
            Err(error) if gone(&error) && is_link => {
                let metadata = fs::symlink_metadata(&self.path).or_fail("look at", &self.path)?;
                Ok(Some((Kind::Link, metadata)))
            }
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(error).or_fail("look at", &self.path),
        }
    }

    /// Reads as much as is wanted, and hashes the rest.
    fn read(&self, outcome: &mut Outcome, stop: &Stop) -> Result<(), StepError> {
        if self.read == Read::None {
            return Ok(());
        }
        let mut file = open(&*self.policy, &self.path, Way::Read).map_err(|denied| {
            denied.into_error(|error| failed("read", &self.path, &error)).at("/path")
        })?;
        let mut hash = Sha256::new();
        let mut content = Vec::new();
        let mut size = 0;
        let mut buffer = vec![0; 64 << 10];
        loop {
            stop.check()?;
            let length = file.read(&mut buffer).or_fail("read", &self.path)?;
            if length == 0 {
                break;
            }
            let chunk = &buffer[..length];
            hash.update(chunk);
            size += length as u64;
            if size <= self.max_size {
                content.extend_from_slice(chunk);
            } else if self.read != Read::Auto {
                return Err(self.unreadable(&format!(
                    "it is longer than `max_size`, {}",
                    ByteSize(self.max_size)
                )));
            }
        }
        // What was read, even if the file grew meanwhile.
        outcome.size = Some(size);
        outcome.sha256 = Some(hexadecimal(&hash.finalize()));
        if size <= self.max_size { self.keep(outcome, content) } else { Ok(()) }
    }

    fn keep(&self, outcome: &mut Outcome, content: Vec<u8>) -> Result<(), StepError> {
        if self.read == Read::Bytes {
            outcome.base64 = Some(STANDARD.encode(content));
            return Ok(());
        }
        let text = match (String::from_utf8(content), self.read) {
            (Ok(text), _) => text,
            (Err(_), Read::Auto) => return Ok(()),
            (Err(_), _) => return Err(self.unreadable("it is not UTF-8 text")),
        };
        if self.read != Read::Text {
            outcome.json = match (serde_json::from_str::<Value>(&text), self.read) {
                (Ok(json), _) => Some(json),
                (Err(error), Read::Json) => {
                    return Err(self.unreadable(&format!("it is not JSON: {error}")));
                }
                (Err(_), _) => None,
            };
        }
        outcome.lines = Some(text.lines().count());
        outcome.text = Some(text);
        Ok(())
    }

    fn unreadable(&self, why: &str) -> StepError {
        let message = format!("cannot read `{}` as asked: {why}", self.path.display());
        StepError::new(StepErrorKind::Limit, message).at("/read")
    }

    /// What an entry is: what it leads to, when it is a link that leads to something that may be
    /// seen.
    fn seen(&self, entry: &walkdir::DirEntry) -> std::io::Result<Metadata> {
        if entry.path_is_symlink() && self.ask(entry.path(), "").is_err() {
            return entry.path().symlink_metadata();
        }
        entry.path().metadata().or_else(|_| entry.path().symlink_metadata())
    }

    /// The files that the pattern fits.
    fn found(&self, glob: &GlobMatcher, stop: &Stop) -> Result<Vec<Found>, StepError> {
        let pattern = glob.glob().glob();
        let (start, depth) = reach(pattern);
        self.entries(start, depth, |name, kind| kind != Kind::Folder && glob.is_match(name), stop)
    }

    /// What is below the folder `start` of the path, down to a depth, sorted.
    fn entries(
        &self,
        start: &str,
        depth: usize,
        wanted: impl Fn(&str, Kind) -> bool,
        stop: &Stop,
    ) -> Result<Vec<Found>, StepError> {
        let mut found = Vec::new();
        let start = self.path.join(start);
        self.ask(&start, "/glob")?;
        for entry in WalkDir::new(start).min_depth(1).max_depth(depth) {
            stop.check()?;
            // What vanishes during the walk, or may not be seen, was not found.
            let Ok(entry) = entry else { continue };
            let Ok(metadata) = self.seen(&entry) else { continue };
            let kind = kind(&metadata);
            let name = slashed(entry.path().strip_prefix(&self.path).unwrap_or(entry.path()));
            if !wanted(&name, kind) {
                continue;
            }
            if found.len() == MOST_FILES {
                let message = format!("there are more than {MOST_FILES} files");
                return Err(StepError::new(StepErrorKind::Limit, message)
                    .help("Look for fewer: a narrower `glob`, or a folder further down."));
            }
            let size = (kind == Kind::File).then_some(metadata.len());
            found.push(Found { path: name, kind, size });
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }
}

/// The folder where a pattern begins to be one, and how deep it may reach below it.
fn reach(pattern: &str) -> (&str, usize) {
    let is_pattern = |c: char| matches!(c, '*' | '?' | '[' | '{' | '\\');
    let fixed = &pattern[..pattern.find(is_pattern).unwrap_or(pattern.len())];
    let start = fixed.rfind('/').map_or("", |slash| &fixed[..slash]);
    // A list in braces may hold separators of its own.
    let depth = if pattern.contains("**") || pattern.contains('{') {
        usize::MAX
    } else {
        pattern[start.len()..].trim_start_matches('/').split('/').count()
    };
    (start, depth)
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// The path without `.` parts.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

fn kind(metadata: &Metadata) -> Kind {
    let file_type = metadata.file_type();
    if file_type.is_file() {
        Kind::File
    } else if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
fn mode(metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    Some(format!("{:04o}", metadata.permissions().mode() & 0o7777))
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::reach;

    #[test]
    fn a_pattern_is_searched_no_further_than_it_can_reach() {
        assert_eq!(reach("*.log"), ("", 1));
        assert_eq!(reach("out/*.log"), ("out", 1));
        assert_eq!(reach("out/a*/b/?.log"), ("out", 3));
        assert_eq!(reach("out/deep/**/*.log"), ("out/deep", usize::MAX));
        assert_eq!(reach("out/{a,b/c}.log"), ("out", usize::MAX));
        assert_eq!(reach("out/plain.log"), ("out", 1));
    }
}
