//! Mistakes with the lines they stand in.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, SourceFile, SourceMap, Span};
use crate::diagnostic::Severity;

/// Writes diagnostics for people, in the manner of rustc: what, where, the line with a caret,
/// what to do. Each ends with an empty line.
pub fn render(diagnostics: &[Diagnostic], map: &SourceMap, color: bool) -> String {
    // Without colour there are no escapes of any kind, links included.
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&render_one(diagnostic, map, &renderer));
        out.push_str("\n\n");
    }
    out
}

fn render_one(diagnostic: &Diagnostic, map: &SourceMap, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level
        .primary_title(&diagnostic.message)
        .id(diagnostic.code)
        .elements(excerpts(diagnostic, map).into_iter().map(Excerpt::snippet));
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// Lines of one file with the places to mark in them.
struct Excerpt<'a> {
    file: &'a SourceFile,
    /// Bytes of the file.
    lines: Range<usize>,
    first_line: usize,
    marks: Vec<Mark<'a>>,
}

struct Mark<'a> {
    range: Range<usize>,
    words: Option<&'a str>,
    primary: bool,
}

/// Marks further apart than this get an excerpt each, so that no renderer walks a whole file.
const NEAR: usize = 8 << 10;

fn excerpts<'a>(diagnostic: &'a Diagnostic, map: &'a SourceMap) -> Vec<Excerpt<'a>> {
    let mut found: Vec<Excerpt<'a>> = Vec::new();
    let primary = (diagnostic.span, diagnostic.label.as_deref(), true);
    let related =
        diagnostic.related.iter().map(|(span, words)| (*span, Some(words.as_str()), false));
    for (span, words, primary) in std::iter::once(primary).chain(related) {
        let Some(file) = map.file(span) else { continue };
        let range = first_line(file, span);
        let mark = Mark { range: range.clone(), words, primary };
        let near = found.iter_mut().find(|excerpt| {
            std::ptr::eq(excerpt.file, &**file)
                && excerpt.lines.start.saturating_sub(NEAR) <= range.start
                && range.start <= excerpt.lines.end + NEAR
        });
        match near {
            Some(excerpt) => excerpt.include(mark),
            None => found.push(Excerpt::around(file, mark)),
        }
    }
    found
}

/// The part of a span within its first line: a whole map under a caret says nothing.
fn first_line(file: &SourceFile, span: Span) -> Range<usize> {
    let (start, end) = file.range(span);
    let text = &file.text[start..end];
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    start..start + line.trim_end().len()
}

impl<'a> Excerpt<'a> {
    fn around(file: &'a SourceFile, mark: Mark<'a>) -> Self {
        let mut excerpt =
            Self { file, lines: mark.range.clone(), first_line: 1, marks: Vec::new() };
        excerpt.include(mark);
        excerpt
    }

    fn include(&mut self, mark: Mark<'a>) {
        let text = self.file.text.as_bytes();
        let from = self.lines.start.min(mark.range.start);
        let to = self.lines.end.max(mark.range.end);
        let start = memchr::memrchr(b'\n', &text[..from]).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', &text[to..]).map_or(text.len(), |at| to + at);
        self.lines = start..end;
        self.first_line = self.file.position(self.file.span(start, start)).line as usize;
        self.marks.push(mark);
    }

    fn snippet(self) -> Snippet<'a, Annotation<'a>> {
        let Self { file, lines, first_line, marks } = self;
        let base = lines.start;
        Snippet::source(&file.text[lines]).line_start(first_line).path(&file.name).annotations(
            marks.into_iter().map(move |mark| {
                let kind =
                    if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                kind.span(mark.range.start - base..mark.range.end - base).label(mark.words)
            }),
        )
    }
}
