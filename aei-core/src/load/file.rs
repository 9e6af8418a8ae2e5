//! Reading one file through the host.

use std::path::{Component, Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::host::{Host, HostError};
use crate::policy::Refusal;
use crate::source::{MAX_FILE_BYTES, Node, SourceMap, Span, Syntax, parse, too_large};

/// Standard input.
pub(super) const STDIN: &str = "-";

/// Reads and parses a file. `at` is where another file names it.
pub(super) fn read_node(
    path: &Path,
    at: Span,
    sources: &mut SourceMap,
    host: &dyn Host,
) -> Result<Node, Diagnostic> {
    let bytes = read_bytes(path, at, sources, host)?;
    let name = name_of(path);
    parse(sources, &name, bytes, Syntax::of_path(&name))
}

/// Reads a file, unless it is too large.
pub(super) fn read_bytes(
    path: &Path,
    at: Span,
    sources: &mut SourceMap,
    host: &dyn Host,
) -> Result<Vec<u8>, Diagnostic> {
    let unreadable = |error: HostError| {
        let mut diagnostic = Diagnostic::error("unreadable", error.to_string(), at);
        if error.reason.to_lowercase().contains("directory") && !error.not_found {
            diagnostic.help = Some("a file is needed here, not a folder".into());
        } else if error.not_found && !at.is_none() {
            diagnostic.help = Some("paths are relative to the file that names them".into());
        }
        diagnostic
    };
    host.permit_read(path).map_err(|refusal| {
        Diagnostic::error("refused", refusal.to_string(), at).help(Refusal::HELP)
    })?;
    let size = host.size(path).map_err(unreadable)?;
    if let Some(size) = size.filter(|&size| size > MAX_FILE_BYTES) {
        return Err(too_large(sources, &name_of(path), size));
    }
    host.read(path).map_err(unreadable)
}

/// A path as messages show it.
pub(super) fn name_of(path: &Path) -> String {
    if path == Path::new(STDIN) { "<stdin>".into() } else { path.display().to_string() }
}

/// The folder that a file's own paths start from.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A path in a folder, without `.` and, as far as names tell, without `..`.
pub(super) fn join(folder: &Path, path: &str) -> PathBuf {
    let mut joined = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(joined.components().next_back(), Some(Component::Normal(_))) =>
            {
                joined.pop();
            }
            part => joined.push(part),
        }
    }
    joined
}
