use std::sync::Arc;

use super::limits::MAX_FILE_BYTES;
use super::{Diagnostic, Node, SourceFile, SourceMap, Span, json, text, toml, yaml};

/// How a document is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// RFC 8259.
    Json,
    /// YAML 1.2 with its core schema.
    Yaml,
    /// TOML 1.1, for settings; templates are never read as TOML.
    Toml,
}

impl Syntax {
    /// The syntax of a file's name: `.json` is JSON, all else YAML.
    pub fn of_path(path: &str) -> Self {
        let json =
            path.len() >= 5 && path.as_bytes()[path.len() - 5..].eq_ignore_ascii_case(b".json");
        if json { Self::Json } else { Self::Yaml }
    }
}

/// Reads a document and adds it to the map.
///
/// UTF-8, with or without a byte order mark, and UTF-16 with one are read. Files past
/// [`MAX_FILE_BYTES`], nesting past [`MAX_NESTING`](super::MAX_NESTING), duplicate keys and
/// several YAML documents in one file are errors.
pub fn parse(
    map: &mut SourceMap,
    name: &str,
    bytes: Vec<u8>,
    syntax: Syntax,
) -> Result<Node, Diagnostic> {
    let file = parse_text(map, name, bytes)?;
    match syntax {
        Syntax::Json => json::parse(&file),
        Syntax::Yaml => yaml::parse(&file),
        Syntax::Toml => toml::parse(&file),
    }
}

/// Adds a file to the map as text, in any encoding that [`parse`] reads.
pub(crate) fn parse_text(
    map: &mut SourceMap,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Arc<SourceFile>, Diagnostic> {
    let length = bytes.len() as u64;
    if length > MAX_FILE_BYTES {
        return Err(too_large(map, name, length));
    }
    let text = match text::decode(bytes) {
        Ok(text) => text,
        Err(wrong) => {
            let width = wrong.lossy[wrong.offset..].chars().next().map_or(0, char::len_utf8);
            let file = map.add(name, wrong.lossy);
            let span =
                file.map_or(Span::NONE, |file| file.span(wrong.offset, wrong.offset + width));
            return Err(Diagnostic::error("encoding", wrong.message, span).help(wrong.help));
        }
    };
    map.add(name, text).ok_or_else(|| {
        let message = format!("the files of this template have more than 4 GiB with `{name}`");
        Diagnostic::error("too-large", message, Span::NONE)
    })
}

/// A file past the limit, which need not have been read to be refused.
pub(crate) fn too_large(map: &mut SourceMap, name: &str, bytes: u64) -> Diagnostic {
    let span = map.add(name, String::new()).map_or(Span::NONE, |file| file.span(0, 0));
    let message = format!(
        "`{name}` has {} MiB, more than the {} MiB that a file may have",
        bytes.div_ceil(1 << 20),
        MAX_FILE_BYTES >> 20
    );
    Diagnostic::error("too-large", message, span)
        .help("move data into a matrix file, or split the template into several")
}
