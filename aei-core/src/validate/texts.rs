//! Looks for expressions and selectors in texts.

use std::collections::HashMap;
use std::rc::Rc;

use super::outcome::impossible;
use super::scope::Names;
use super::words::help_for;
use crate::diagnostic::Diagnostic;
use crate::evaluator::place;
use crate::expr::{ExprError, PieceKind, Reference, bare, pieces, references};
use crate::runner::Registry;
use crate::select::{Segment, Selector, SelectorError};
use crate::source::{Node, NodeValue, SourceMap, Span, Spanned};

/// Checks texts and collects what is wrong with them. What was read once is not read again: the
/// same few texts make up most of a large template.
pub(super) struct Texts<'a> {
    pub(super) found: Vec<Diagnostic>,
    sources: &'a SourceMap,
    registry: &'a Registry,
    expressions: HashMap<Box<str>, Rc<Result<Vec<Reference>, ExprError>>>,
    selectors: HashMap<Box<str>, Rc<Result<Selector, SelectorError>>>,
    /// Selectors that are possible in the outcome of a kind.
    possible: HashMap<&'a str, HashMap<Box<str>, bool>>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(sources: &'a SourceMap, registry: &'a Registry) -> Self {
        Self {
            found: Vec::new(),
            sources,
            registry,
            expressions: HashMap::new(),
            selectors: HashMap::new(),
            possible: HashMap::new(),
        }
    }

    /// Every text in a node.
    pub(super) fn node(&mut self, node: &Node, names: &Names<'_>) {
        match &node.value {
            NodeValue::String(text) => self.text(text, node.span, names),
            NodeValue::List(items) => items.iter().for_each(|item| self.node(item, names)),
            NodeValue::Map(entries) => entries.iter().for_each(|(_, v)| self.node(v, names)),
            _ => {}
        }
    }

    /// A text that may hold `${{ }}`.
    pub(super) fn text(&mut self, text: &str, span: Span, names: &Names<'_>) {
        if !text.contains("${{") {
            return;
        }
        match pieces(text) {
            Err(error) => self.bad_expression(&error, 0, text, span),
            Ok(pieces) => {
                for piece in pieces.iter().filter(|p| p.kind == PieceKind::Expression) {
                    self.expression(piece.text, piece.start, text, span, names, false);
                }
            }
        }
    }

    /// A text that is one expression, bare or in `${{ }}`. `it` tells whether there is a value to
    /// speak of.
    pub(super) fn condition(&mut self, text: &str, span: Span, names: &Names<'_>, it: bool) {
        match bare(text) {
            Err(error) => self.bad_expression(&error, 0, text, span),
            Ok((expression, start)) => self.expression(expression, start, text, span, names, it),
        }
    }

    fn expression(
        &mut self,
        expression: &str,
        start: usize,
        text: &str,
        span: Span,
        names: &Names<'_>,
        it: bool,
    ) {
        let known = self.expressions.get(expression).cloned();
        let read = known.unwrap_or_else(|| {
            let read = Rc::new(references(expression));
            self.expressions.insert(expression.into(), Rc::clone(&read));
            read
        });
        match &*read {
            Err(error) => self.bad_expression(error, start, text, span),
            Ok(references) => {
                for reference in references {
                    if it && reference.path.first().is_some_and(|root| root == "it") {
                        continue;
                    }
                    let (from, to) = (start + reference.start, start + reference.end);
                    if let Some(wrong) = names.check(&reference.path) {
                        let at = place(self.sources, span, text, from, to);
                        let mut mistake = Diagnostic::error(wrong.code, wrong.message, at);
                        mistake.help = wrong.help;
                        self.found.push(mistake);
                    } else if let [root, id, rest @ ..] = reference.path.as_slice()
                        && root == "steps"
                    {
                        let at = place(self.sources, span, text, from, to);
                        self.step_value(id, rest, names, at);
                    }
                }
            }
        }
    }

    fn bad_expression(&mut self, error: &ExprError, start: usize, text: &str, span: Span) {
        let at = place(self.sources, span, text, start + error.start, start + error.end);
        let mut mistake = Diagnostic::error("expression", error.message.clone(), at);
        mistake.help.clone_from(&error.help);
        self.found.push(mistake);
    }

    /// `steps.ID.status`: the outcome of that step's kind must be able to hold it.
    fn step_value(&mut self, id: &str, rest: &[String], names: &Names<'_>, at: Span) {
        let Some(kind) = names.steps.get(id).copied().flatten() else { return };
        let Some(runner) = self.registry.get(kind) else { return };
        let segment = |name: &String| {
            name.parse().map_or_else(|_| Segment::Key(name.as_str().into()), Segment::Index)
        };
        let segments: Vec<Segment> = rest.iter().map(segment).collect();
        self.found.extend(wrong_key(kind, &runner.spec().outcome, &segments, at));
    }

    /// A selector into the outcome of a kind, if that is known.
    pub(super) fn selector(&mut self, text: &Spanned<Box<str>>, kind: Option<&'a str>) {
        let (selector, span) = (&*text.value, text.span);
        if let Some(true) = kind.and_then(|kind| self.possible.get(kind)?.get(selector)) {
            return;
        }
        let known = self.selectors.get(selector).cloned();
        let read = known.unwrap_or_else(|| {
            let read = Rc::new(Selector::parse(selector));
            self.selectors.insert(selector.into(), Rc::clone(&read));
            read
        });
        match &*read {
            Err(error) => {
                let from = error.offset.min(selector.len());
                let width = selector[from..].chars().next().map_or(0, char::len_utf8);
                let at = match width {
                    0 => span,
                    width => place(self.sources, span, selector, from, from + width),
                };
                let message = format!("`{selector}` is not a selector: {}", error.message);
                self.found.push(Diagnostic::error("selector", message, at));
            }
            Ok(read) => {
                let Some((kind, runner)) = kind.and_then(|k| Some((k, self.registry.get(k)?)))
                else {
                    return;
                };
                let wrong = wrong_key(kind, &runner.spec().outcome, read.start(), span);
                let possible = self.possible.entry(kind).or_default();
                possible.insert(selector.into(), wrong.is_none());
                self.found.extend(wrong);
            }
        }
    }
}

fn wrong_key(
    kind: &str,
    outcome: &serde_json::Value,
    segments: &[Segment],
    at: Span,
) -> Option<Diagnostic> {
    let wrong = impossible(outcome, segments)?;
    let message = match wrong.within.as_str() {
        "" => format!("the outcome of `{kind}` has no `{}`", wrong.key),
        within => format!("`{within}` in the outcome of `{kind}` has no `{}`", wrong.key),
    };
    let mistake = Diagnostic::error("unknown-selector", message, at);
    let known = wrong.known.iter().map(String::as_str);
    Some(match help_for(&wrong.key, known, "keys") {
        Some(help) => mistake.help(help),
        None => mistake,
    })
}
