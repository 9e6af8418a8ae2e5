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
    // Made when first asked for: a file without mistakes may never need it.
    index: std::sync::OnceLock<Index>,
}

/// What makes finding a position cheap, even in a document that is one line of 20 MB.
#[derive(Debug)]
struct Index {
    /// Offsets of line starts.
    lines: Vec<u32>,
    /// How many characters are before each block of [`BLOCK`] bytes; empty when all are ASCII.
    characters: Vec<u32>,
}

/// The distance between two counts of characters, in bytes.
const BLOCK: usize = 1024;

impl Index {
    fn new(text: &str) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| narrow(at + 1));
        let lines = std::iter::once(0).chain(starts).collect();
        let mut characters = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for block in text.as_bytes().chunks(BLOCK) {
                characters.push(narrow(count));
                count += starts_of_characters(block);
            }
        }
        Self { lines, characters }
    }

    /// How many characters start before an offset.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let offset = offset.min(text.len());
        match self.characters.get(offset / BLOCK) {
            Some(&count) => {
                let block = offset / BLOCK * BLOCK;
                count as usize + starts_of_characters(&text.as_bytes()[block..offset])
            }
            None if self.characters.is_empty() => offset,
            None => starts_of_characters(&text.as_bytes()[..offset]),
        }
    }
}

/// Every byte of UTF-8 but the continuing ones (RFC 3629) starts a character.
fn starts_of_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
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
        let file = Arc::new(SourceFile {
            name: name.into(),
            text,
            base,
            index: std::sync::OnceLock::new(),
        });
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

    /// Where a span of this file starts.
    pub fn position(&self, span: Span) -> Position {
        let offset = span.start.saturating_sub(self.base);
        let index = self.index.get_or_init(|| Index::new(&self.text));
        let line = index.lines.partition_point(|&start| start <= offset);
        let start = index.lines[line - 1] as usize;
        let column = index.characters_before(&self.text, offset as usize)
            - index.characters_before(&self.text, start);
        Position {
            file: self.name.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_however_long_the_line() {
        let text = format!("a\n{}x\nend", "é".repeat(3000));
        let mut map = SourceMap::default();
        let file = map.add("f", text.clone()).unwrap();
        for (offset, line, column) in
            [(0, 1, 1), (2, 2, 1), (4, 2, 2), (2 + 6000, 2, 3001), (text.len() - 3, 3, 1)]
        {
            let start = file.base + u32::try_from(offset).unwrap();
            let at = map.position(Span::new(start, start + 1)).unwrap();
            assert_eq!((at.line, at.column), (line, column), "{offset}");
        }
    }
}
