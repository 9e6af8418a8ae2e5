//! Evaluation: expressions, selectors and checks over a suite's values.
//!
//! One [`Evaluator`] serves a suite. It keeps everything it compiles, so that the thousandth
//! evaluation of a text costs a look-up and the work itself.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Map, Value};

use crate::check::{PatternError, Schemas};
use crate::expr::{Code, ExprError, Names, Scope, Text, World, bare};
use crate::host::Host;
use crate::policy::Refusal;
use crate::redact::Redactor;
use crate::select::{Selector, SelectorError};
use crate::source::{Node, NodeValue, SourceMap, Span};

/// Where snapshots are kept, and whether to store them anew.
#[derive(Debug, Clone, Default)]
pub struct Snapshots {
    /// The folder.
    pub dir: PathBuf,
    /// Whether to store what is found instead of comparing.
    pub update: bool,
}

/// Evaluates the expressions, selectors and checks of one suite.
pub struct Evaluator {
    world: Arc<World>,
    sources: Arc<SourceMap>,
    pub(crate) snapshots: Snapshots,
    pub(crate) redactor: Arc<Redactor>,
    codes: Cache<Code, ExprError>,
    texts: Cache<Text, ExprError>,
    selectors: Cache<Selector, SelectorError>,
    pub(crate) patterns: Cache<regex::Regex, PatternError>,
    pub(crate) schemas: Schemas,
}

/// 2^63.
const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;

/// Something that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What the node's policy forbids, when that is the reason.
    pub refusal: Option<Box<Refusal>>,
    /// Where.
    pub span: Span,
}

impl Evaluator {
    /// An evaluator for a suite whose template lies in `dir`.
    pub fn new(
        host: Arc<dyn Host>,
        sources: Arc<SourceMap>,
        dir: PathBuf,
        snapshots: Snapshots,
    ) -> Self {
        Self {
            world: Arc::new(World { host, dir }),
            sources,
            snapshots,
            redactor: Arc::default(),
            codes: Cache::default(),
            texts: Cache::default(),
            selectors: Cache::default(),
            patterns: Cache::default(),
            schemas: Schemas::default(),
        }
    }

    /// Keeps secrets out of what is cut, compared line by line, or stored as a snapshot. Events
    /// are redacted as a whole later, but half a secret is not found then.
    pub fn hide(&mut self, redactor: Arc<Redactor>) {
        self.redactor = redactor;
    }

    /// The value of an expression, bare or wrapped in `${{ }}`.
    pub fn eval(&self, text: &str, span: Span, scope: &Scope) -> Result<Value, EvalError> {
        let (code, offset) = self.code(text).map_err(|error| self.placed(error, text, span))?;
        code.value(Names { scope, it: None }, &self.world)
            .map_err(|error| self.placed(error.shifted(offset), text, span))
    }

    /// Whether an expression, bare or wrapped in `${{ }}`, holds.
    pub fn is_true(&self, text: &str, span: Span, scope: &Scope) -> Result<bool, EvalError> {
        self.holds(text, span, Names { scope, it: None })
    }

    /// Whether an expression over `it` holds.
    pub(crate) fn holds(
        &self,
        text: &str,
        span: Span,
        names: Names<'_>,
    ) -> Result<bool, EvalError> {
        let (code, offset) = self.code(text).map_err(|error| self.placed(error, text, span))?;
        code.is_true(names, &self.world)
            .map_err(|error| self.placed(error.shifted(offset), text, span))
    }

    /// The value of a node with every string in it rendered. A string that is one expression
    /// alone becomes its value.
    pub fn render(&self, node: &Node, scope: &Scope) -> Result<Value, EvalError> {
        Ok(match &node.value {
            NodeValue::String(text) if !Text::is_plain(text) => {
                let names = Names { scope, it: None };
                self.text(text)
                    .and_then(|compiled| compiled.value(names, &self.world))
                    .map_err(|error| self.placed(error, text, node.span))?
            }
            NodeValue::List(items) => {
                let rendered = items.iter().map(|item| self.render(item, scope));
                Value::Array(rendered.collect::<Result<_, _>>()?)
            }
            NodeValue::Map(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for (key, item) in entries {
                    map.insert(key.name.as_str().to_owned(), self.render(item, scope)?);
                }
                Value::Object(map)
            }
            // A node holds what is too large for `i64` as a float; its text has all the digits.
            NodeValue::Float(float) if *float >= TOO_LARGE => {
                let exact = self.sources.text(node.span).and_then(|text| text.trim().parse().ok());
                exact.map_or_else(|| node.to_value(), |exact: u64| exact.into())
            }
            _ => node.to_value(),
        })
    }

    /// A text with its expressions replaced by their values.
    pub fn render_text(&self, text: &str, span: Span, scope: &Scope) -> Result<String, EvalError> {
        if Text::is_plain(text) {
            return Ok(text.to_owned());
        }
        self.text(text)
            .and_then(|compiled| compiled.text(Names { scope, it: None }, &self.world))
            .map_err(|error| self.placed(error, text, span))
    }

    /// What a selector finds in an outcome.
    pub fn select(
        &self,
        selector: &str,
        span: Span,
        outcome: &Value,
    ) -> Result<Option<Value>, EvalError> {
        Ok(self.selector(selector, span)?.find(outcome).map(Cow::into_owned))
    }

    pub(crate) fn selector(&self, text: &str, span: Span) -> Result<Arc<Selector>, EvalError> {
        self.selectors.get(text, Selector::parse).map_err(|error| EvalError {
            span: place(&self.sources, span, text, error.offset, text.len()),
            message: error.message,
            help: None,
            refusal: None,
        })
    }

    pub(crate) fn sources(&self) -> &SourceMap {
        &self.sources
    }

    pub(crate) fn host(&self) -> &Arc<dyn Host> {
        &self.world.host
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.world.dir
    }

    /// The code of a text that is one expression, and the offset of the expression in it.
    fn code(&self, text: &str) -> Result<(Arc<Code>, usize), ExprError> {
        let (source, offset) = bare(text)?;
        let code = self.codes.get(source, Code::compile).map_err(|error| error.shifted(offset))?;
        Ok((code, offset))
    }

    fn text(&self, text: &str) -> Result<Arc<Text>, ExprError> {
        self.texts.get(text, Text::compile)
    }

    fn placed(&self, error: ExprError, text: &str, span: Span) -> EvalError {
        EvalError {
            span: place(&self.sources, span, text, error.start, error.end),
            message: error.message,
            help: error.help,
            refusal: error.refusal,
        }
    }
}

/// The place of a part of a text whose whole stands at `span`, quotes, escapes and indentation
/// allowed for as far as they can be.
pub fn place(sources: &SourceMap, span: Span, text: &str, start: usize, end: usize) -> Span {
    let Some(raw) = sources.text(span) else { return span };
    if let Some(at) = raw.find(text) {
        return span.part(at + start, at + end);
    }
    // The document spells the text otherwise than it reads: look for the part alone.
    match text.get(start..end).filter(|part| !part.is_empty()) {
        Some(part) => raw.find(part).map_or(span, |at| span.part(at, at + part.len())),
        None => span,
    }
}

/// Compiled things by the text they were made of.
pub(crate) struct Cache<T, E>(RwLock<HashMap<Box<str>, Made<T, E>>>);

/// Mistakes are kept too: they are made again at every evaluation.
type Made<T, E> = Result<Arc<T>, E>;

/// Templates hold fewer texts than this; texts made at run time could go on for ever.
const MOST: usize = 100_000;

impl<T, E> Default for Cache<T, E> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T, E: Clone> Cache<T, E> {
    pub(crate) fn get(&self, text: &str, compile: impl FnOnce(&str) -> Result<T, E>) -> Made<T, E> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(text) {
            return found.clone();
        }
        drop(known);
        let made = compile(text).map(Arc::new);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(text.into(), made.clone());
        made
    }
}
