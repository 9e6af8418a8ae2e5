//! Mistakes with the lines they stand in.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, SourceFile, SourceMap, Span};
use crate::diagnostic::Severity;

/// Writes diagnostics for people, in the manner of rustc: what, where, the line with a caret,
/// what to do. Each ends with an empty line.
pub fn render(diagnostics: &[Diagnostic], map: &SourceMap, color: bool) -> String {
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
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code);
    let mut group = Group::with_title(title);
    for excerpt in excerpts(diagnostic, map) {
        group = excerpt.add_to(group);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// Lines of one file with the places to mark in them.
struct Excerpt<'a> {
    file: &'a SourceFile,
    /// Bytes of the file.
    shown: Range<usize>,
    /// Whether the first line begins before them.
    cut: bool,
    marks: Vec<Mark<'a>>,
}

struct Mark<'a> {
    range: Range<usize>,
    words: Option<&'a str>,
    primary: bool,
}

/// Marks further apart than this get an excerpt each, so that no renderer walks a whole file.
const NEAR: usize = 8 << 10;

/// Lines are cut this far from a mark: a JSON file may be one line of megabytes.
const CONTEXT: usize = 500;

fn excerpts<'a>(diagnostic: &'a Diagnostic, map: &'a SourceMap) -> Vec<Excerpt<'a>> {
    let mut found: Vec<Excerpt<'a>> = Vec::new();
    let primary = (diagnostic.span, diagnostic.label.as_deref(), true);
    let related =
        diagnostic.related.iter().map(|(span, words)| (*span, Some(words.as_str()), false));
    for (span, words, primary) in std::iter::once(primary).chain(related) {
        let Some(file) = map.file(span) else { continue };
        let range = on_one_line(file, span);
        let near = found.iter_mut().find(|excerpt| {
            std::ptr::eq(excerpt.file, &raw const **file)
                && excerpt.shown.start.saturating_sub(NEAR) <= range.start
                && range.start <= excerpt.shown.end + NEAR
        });
        let mark = Mark { range, words, primary };
        match near {
            Some(excerpt) => excerpt.include(mark),
            None => found.push(Excerpt::around(file, mark)),
        }
    }
    found
}

/// The part of a span within its first line: a whole map under a caret says nothing.
fn on_one_line(file: &SourceFile, span: Span) -> Range<usize> {
    let (start, end) = file.range(span);
    let end = file.text.floor_char_boundary(end.min(start + CONTEXT));
    let line = file.text[start..end].split(['\n', '\r']).next().unwrap_or_default();
    start..start + line.trim_end().len()
}

impl<'a> Excerpt<'a> {
    fn around(file: &'a SourceFile, mark: Mark<'a>) -> Self {
        let mut excerpt = Self { file, shown: mark.range.clone(), cut: false, marks: Vec::new() };
        excerpt.include(mark);
        excerpt
    }

    fn include(&mut self, mark: Mark<'a>) {
        let text = &self.file.text;
        let (from, to) =
            (self.shown.start.min(mark.range.start), self.shown.end.max(mark.range.end));
        let earliest = text.floor_char_boundary(from.saturating_sub(CONTEXT));
        let latest = text.floor_char_boundary((to + CONTEXT).min(text.len()));
        let line_start = text[earliest..from].rfind('\n').map(|at| earliest + at + 1);
        let line_end = text[to..latest].find('\n').map(|at| to + at);
        self.cut = line_start.is_none() && earliest > 0;
        self.shown = line_start.unwrap_or(earliest)..line_end.unwrap_or(latest);
        self.marks.push(mark);
    }

    fn add_to(self, mut group: Group<'a>) -> Group<'a> {
        let Self { file, shown, cut, marks } = self;
        let place = |at: usize| file.position(file.span(at, at));
        let mut snippet =
            Snippet::source(&file.text[shown.clone()]).line_start(place(shown.start).line as usize);
        if cut {
            // The excerpt begins within a line, so its columns are not those of the file.
            let at = marks.iter().find(|mark| mark.primary).or(marks.first());
            let at = place(at.map_or(shown.start, |mark| mark.range.start));
            let origin = Origin::path(&file.name).line(at.line as usize);
            group = group.element(origin.char_column(at.column as usize));
        } else {
            snippet = snippet.path(&file.name);
        }
        group.element(snippet.annotations(marks.into_iter().map(move |mark| {
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(mark.range.start - shown.start..mark.range.end - shown.start)
                .label(mark.words)
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_places_one_beneath_the_other() {
        let mut map = SourceMap::default();
        let first = map.add("a.yaml", "one: 1\n\ntwo: 2 # ü\n".into()).unwrap();
        let second = map.add("b.yaml", "three: 3\n".into()).unwrap();
        let diagnostic = Diagnostic::error("some-code", "two of `one`", first.span(8, 11))
            .label("here")
            .help("take one away")
            .related(first.span(0, 3), "and here")
            .related(second.span(0, 5), "and there");
        let expected = "\
error[some-code]: two of `one`
 --> a.yaml:3:1
  |
1 | one: 1
  | --- and here
2 |
3 | two: 2 # ü
  | ^^^ here
  |
 ::: b.yaml:1:1
  |
1 | three: 3
  | ----- and there
  |
  = help: take one away

";
        assert_eq!(render(std::slice::from_ref(&diagnostic), &map, false), expected);
        let colored = render(&[diagnostic], &map, true);
        assert!(colored.contains('\u{1b}'), "{colored}");
    }

    #[test]
    fn a_line_of_megabytes_is_cut_and_keeps_its_column() {
        let mut map = SourceMap::default();
        let text = format!("\n[{}x]", "1234567, ".repeat(300_000));
        let at = text.find('x').unwrap();
        let file = map.add("a.json", text).unwrap();
        let shown = render(&[Diagnostic::error("c", "m", file.span(at, at + 1))], &map, false);
        assert!(shown.len() < 1000, "{}", shown.len());
        assert!(shown.contains("a.json:2:2700002"), "{shown}");
        assert!(shown.contains("1234567, x]"), "{shown}");
    }

    #[test]
    fn a_mistake_without_a_place_is_told_without_one() {
        let shown = render(
            &[Diagnostic::error("c", "no such file", Span::NONE)],
            &SourceMap::default(),
            false,
        );
        assert_eq!(shown, "error[c]: no such file\n\n");
    }
}
