use std::sync::Arc;

use super::Span;

/// All the files of a load, one after the other in one space of offsets.
///
/// Cheap to clone; spans of one map mean nothing in another.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<Arc<SourceFile>>,
}

/// One file of a [`SourceMap`].
#[derive(Debug)]
pub struct SourceFile {
    /// The path as the person gave it.
    pub name: String,
    /// The text.
    pub text: String,
    /// The offset of the first byte in the map.
    pub base: u32,
    // Offsets of line starts, found when first asked for: most runs never need a position.
    lines: std::sync::OnceLock<Vec<u32>>,
}

/// A place that people understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The path as the person gave it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl SourceMap {
    /// Adds a file. `None` when the map would pass 4 GiB.
    pub fn add(&mut self, name: impl Into<String>, text: String) -> Option<Arc<SourceFile>> {
        // One byte between files keeps the end of one apart from the start of the next, and 0
        // free for `Span::NONE`.
        let base = self.files.last().map_or(1, |f| f.end() + 1);
        let length = u32::try_from(text.len()).ok()?;
        base.checked_add(length)?.checked_add(1)?;
        let file =
            Arc::new(SourceFile { name: name.into(), text, base, lines: Default::default() });
        self.files.push(Arc::clone(&file));
        Some(file)
    }

    /// The file that a span lies in.
    pub fn file(&self, span: Span) -> Option<&Arc<SourceFile>> {
        if span.is_none() {
            return None;
        }
        let after = self.files.partition_point(|f| f.base <= span.start);
        // Past the last file lie the files of a longer map.
        self.files.get(after.checked_sub(1)?).filter(|file| span.start <= file.end())
    }

    /// Where a span starts.
    pub fn position(&self, span: Span) -> Option<Position> {
        self.file(span).map(|file| file.position(span))
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> Option<&str> {
        let file = self.file(span)?;
        let at = |offset: u32| (offset - file.base) as usize;
        file.text.get(at(span.start)..at(span.end.min(file.end())))
    }

    /// All files, in the order they were added.
    pub fn files(&self) -> &[Arc<SourceFile>] {
        &self.files
    }
}

impl SourceFile {
    /// A range of bytes of this file.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let at = |offset: usize| {
            self.base.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)).min(self.end())
        };
        Span::new(at(start), at(end))
    }

    /// The bytes of `text` that a span of this file covers, on whole characters.
    pub(super) fn range(&self, span: Span) -> (usize, usize) {
        let at = |offset: u32| {
            let mut at = (offset.saturating_sub(self.base) as usize).min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        (at(span.start), at(span.end).max(at(span.start)))
    }

    fn end(&self) -> u32 {
        // `SourceMap::add` made sure that it fits.
        self.base + u32::try_from(self.text.len()).unwrap_or(u32::MAX - self.base)
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let starts = memchr::memchr_iter(b'\n', self.text.as_bytes())
                .map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(starts).collect()
        })
    }

    /// Where a span of this file starts.
    pub fn position(&self, span: Span) -> Position {
        let offset = span.start.saturating_sub(self.base);
        let lines = self.lines();
        let line = lines.partition_point(|&start| start <= offset);
        let start = lines[line - 1] as usize;
        let before = self.text.get(start..offset as usize).unwrap_or_default();
        Position {
            file: self.name.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
        }
    }
}
