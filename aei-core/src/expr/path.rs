use serde_json::Value;

use super::ExprError;
use super::references::Reference;
use super::scope::{Names, ROOTS, View};
use super::tokens::{Kind, Token, tokens};
use crate::diagnostic::nearest;

/// A dotted name such as `steps.login.json.items[0].id`.
#[derive(Debug, Clone)]
pub(super) struct Path {
    segments: Box<[Segment]>,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone)]
enum Segment {
    Key(Box<str>),
    Index(i64),
}

impl From<Reference> for Path {
    fn from(reference: Reference) -> Self {
        let keys = reference.path.into_iter().map(|key| Segment::Key(key.into()));
        Self { segments: keys.collect(), start: reference.start, end: reference.end }
    }
}

impl Path {
    /// The path that a whole expression is, when it is nothing else.
    pub(super) fn parse(expression: &str) -> Option<Self> {
        let tokens = tokens(expression);
        let (first, mut rest) = tokens.split_first()?;
        let root = first.text;
        if first.kind != Kind::Name || !(ROOTS.contains(&root) || root == "it") {
            return None;
        }
        let mut segments = vec![Segment::Key(root.into())];
        while !rest.is_empty() {
            let (segment, after) = Self::segment(rest)?;
            segments.push(segment);
            rest = after;
        }
        Some(Self { segments: segments.into(), start: 0, end: expression.len() })
    }

    fn segment<'t, 's>(tokens: &'t [Token<'s>]) -> Option<(Segment, &'t [Token<'s>])> {
        match tokens {
            [dot, name, rest @ ..] if dot.is(".") && name.kind == Kind::Name => {
                Some((Segment::Key(name.text.into()), rest))
            }
            [open, inner, close, rest @ ..] if open.is("[") && close.is("]") => match inner.kind {
                Kind::Text if !inner.text.contains('\\') => {
                    Some((Segment::Key(inner.text.into()), rest))
                }
                Kind::Number => Some((Segment::Index(inner.text.parse().ok()?), rest)),
                _ => None,
            },
            [open, minus, number, close, rest @ ..]
                if open.is("[") && minus.is("-") && close.is("]") =>
            {
                let index: i64 = number.text.parse().ok()?;
                Some((Segment::Index(-index), rest))
            }
            _ => None,
        }
    }

    /// The keys, when there are no indexes.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map_while(|segment| match segment {
            Segment::Key(key) => Some(&**key),
            Segment::Index(_) => None,
        })
    }

    /// Whether what this leads to holds what the other leads to.
    pub(super) fn holds(&self, other: &Self) -> bool {
        self.segments.len() <= other.segments.len()
            && self.keys().eq(other.keys().take(self.segments.len()))
    }

    /// What the path leads to, or how many segments lead somewhere and where.
    pub(super) fn find<'a>(&self, names: Names<'a>) -> Result<View<'a>, (usize, Option<View<'a>>)> {
        let Some((Segment::Key(root), rest)) = self.segments.split_first() else {
            return Err((0, None));
        };
        let mut view = names.root(root).ok_or((0, None))?;
        for (done, segment) in rest.iter().enumerate() {
            view = match segment {
                Segment::Key(key) => view.as_map().and_then(|map| map.get(&**key)),
                Segment::Index(index) => element(view, *index),
            }
            .map(View::Value)
            .ok_or((done + 1, Some(view)))?;
        }
        Ok(view)
    }

    /// Why the path leads nowhere.
    pub(super) fn missing(&self, names: Names<'_>) -> Option<ExprError> {
        let (found, last) = self.find(names).err()?;
        let error = |message| ExprError::new(message, self.start, self.end);
        let Some(last) = last else {
            let root = self.keys().next().unwrap_or_default();
            let roots = ROOTS.into_iter().chain(names.it.map(|_| "it"));
            return Some(error(format!("unknown name `{root}`")).help(
                nearest(root, roots.clone()).map_or_else(
                    || format!("names begin with {}", listed(roots)),
                    |near| format!("did you mean `{near}`?"),
                ),
            ));
        };
        let parent = self.spelled(found);
        let wanted = match &self.segments[found] {
            Segment::Key(key) => key,
            Segment::Index(index) => {
                return Some(error(format!("`{parent}` has no element {index}")));
            }
        };
        let Some(map) = last.as_map() else {
            let what = kind_of(&last.to_value());
            return Some(error(format!("`{parent}` is {what} and has no `{wanted}`")));
        };
        let error = error(format!("`{parent}` has no `{wanted}`"));
        Some(if let Some(near) = nearest(wanted, map.keys().map(String::as_str)) {
            error.help(format!("did you mean `{parent}.{near}`?"))
        } else if map.is_empty() {
            error.help(format!("`{parent}` is empty here"))
        } else {
            error.help(format!("it has {}", listed(map.keys().map(String::as_str))))
        })
    }

    fn spelled(&self, count: usize) -> String {
        let mut text = String::new();
        for segment in &self.segments[..count] {
            match segment {
                Segment::Key(key) if text.is_empty() => text.push_str(key),
                Segment::Key(key) => text.extend([".", key]),
                Segment::Index(index) => text.extend(["[", &index.to_string(), "]"]),
            }
        }
        text
    }
}

fn element(view: View<'_>, index: i64) -> Option<&Value> {
    let View::Value(Value::Array(items)) = view else { return None };
    let index = match usize::try_from(index) {
        Ok(index) => index,
        Err(_) => items.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
    };
    items.get(index)
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 12;
    let mut names: Vec<String> = names.take(MOST + 1).map(|name| format!("`{name}`")).collect();
    if names.len() > MOST {
        names[MOST] = "…".into();
    }
    names.join(", ")
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
