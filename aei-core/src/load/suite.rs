use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{STDIN, folder_of, name_of, read_node};
use super::include::include;
use crate::diagnostic::{Diagnostic, Severity};
use crate::host::Host;
use crate::runner::Registry;
use crate::source::{SourceMap, Span, from_node, render};
use crate::template::Template;
use crate::validate::{meaning, shape};

/// A template that can run, with where it came from.
#[derive(Debug)]
pub struct Suite {
    /// The template, with the blocks of included files.
    pub template: Template,
    /// The files it was read from.
    pub sources: Arc<SourceMap>,
    /// The path as it was given.
    pub file: String,
    /// The folder that paths in the template start from.
    pub dir: PathBuf,
    /// What the suite is called in reports.
    pub name: String,
}

/// A template with mistakes.
#[derive(Debug)]
pub struct LoadError {
    /// The mistakes and warnings, as far as they could be found.
    pub diagnostics: Vec<Diagnostic>,
    /// The files they stand in.
    pub sources: SourceMap,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(render(&self.diagnostics, &self.sources, false).trim_end())
    }
}

impl std::error::Error for LoadError {}

/// Reads a template (`-` is standard input) and all it includes, and checks it.
///
/// Gives the warnings with the suite; an error holds all mistakes that could be found.
pub fn load(
    path: &Path,
    registry: &Registry,
    host: &dyn Host,
) -> Result<(Suite, Vec<Diagnostic>), LoadError> {
    let mut sources = SourceMap::default();
    let mut found = Vec::new();
    let root = match read_node(path, Span::NONE, &mut sources, host) {
        Ok(root) => root,
        Err(mistake) => return Err(LoadError { diagnostics: vec![mistake], sources }),
    };
    found.extend(shape(&root, registry));
    let root = include(root, path, &mut sources, host, &mut found, Some(registry));
    if failed(&found) {
        return Err(LoadError { diagnostics: found, sources });
    }
    let template: Template = match from_node(root) {
        Ok(template) => template,
        Err(error) => {
            found.push(Diagnostic::error("shape", error.message, error.span));
            return Err(LoadError { diagnostics: found, sources });
        }
    };
    let dir = folder_of(path);
    found.extend(meaning(&template, &sources, registry, &dir, host));
    if failed(&found) {
        return Err(LoadError { diagnostics: found, sources });
    }
    let suite = Suite {
        name: template.name.as_ref().map_or_else(|| default_name(path), |n| n.value.to_string()),
        template,
        sources: Arc::new(sources),
        file: name_of(path),
        dir,
    };
    Ok((suite, found))
}

pub(super) fn failed(found: &[Diagnostic]) -> bool {
    found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// The file's name without `.yaml`, `.yml` or `.json`, and without `.aei` before it.
fn default_name(path: &Path) -> String {
    if path == Path::new(STDIN) {
        return "stdin".into();
    }
    let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
    stem.strip_suffix(".aei").unwrap_or(&stem).to_owned()
}
