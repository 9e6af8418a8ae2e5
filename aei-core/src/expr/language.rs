use std::fmt;
use std::sync::{Arc, LazyLock};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Dynamic};
use minijinja::{Environment, Error, ErrorKind, Expression, State, UndefinedBehavior};
use serde_json::Value;

use super::ExprError;
use super::convert::{UNDEFINED, reason, to_json, view_to_dynamic};
use super::functions::{Callable, Function, World};
use super::path::Path;
use super::references::scan;
use super::scope::Names;
use super::tokens::tokens;
use crate::policy::Refusal;

/// The filters that there are.
pub const FILTERS: &[&str] = &[
    "safe",
    "escape",
    "e",
    "lower",
    "upper",
    "title",
    "capitalize",
    "replace",
    "length",
    "count",
    "dictsort",
    "items",
    "reverse",
    "trim",
    "join",
    "split",
    "lines",
    "default",
    "d",
    "round",
    "abs",
    "int",
    "float",
    "attr",
    "first",
    "last",
    "min",
    "max",
    "sort",
    "list",
    "string",
    "bool",
    "batch",
    "slice",
    "sum",
    "indent",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "map",
    "groupby",
    "unique",
    "chain",
    "zip",
    "pprint",
    "format",
    "tojson",
];

/// The tests that there are.
pub const TESTS: &[&str] = &[
    "undefined",
    "defined",
    "none",
    "safe",
    "escaped",
    "boolean",
    "odd",
    "even",
    "divisibleby",
    "number",
    "integer",
    "int",
    "float",
    "string",
    "sequence",
    "iterable",
    "mapping",
    "startingwith",
    "endingwith",
    "lower",
    "upper",
    "sameas",
    "eq",
    "equalto",
    "ne",
    "lt",
    "lessthan",
    "le",
    "gt",
    "greaterthan",
    "ge",
    "in",
    "true",
    "false",
    "filter",
    "test",
];

/// MiniJinja's own functions that make sense in one expression.
pub(super) const GLOBALS: &[&str] = &["range", "dict"];

/// One instruction or 64 bytes of text cost about one; a million is well below a second.
const FUEL: u64 = 1_000_000;

static LANGUAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut language = Environment::new();
    language.set_undefined_behavior(UndefinedBehavior::Strict);
    language.set_fuel(Some(FUEL));
    language.set_debug(true);
    language
});

/// The longest expression that is read.
const LONGEST: usize = 64 * 1024;

/// How many signs and words of operators an expression may have: MiniJinja recurses over them,
/// also where they do not nest, and a stack that overflows takes the process along.
const MOST_OPERATORS: usize = 200;
const DEEPEST: usize = 40;

pub(super) fn compile(source: &str) -> Result<Expression<'static, 'static>, ExprError> {
    if source.len() > LONGEST {
        return Err(ExprError::new("the expression is longer than 64 KiB", 0, source.len()));
    }
    bounded(source)?;
    LANGUAGE.compile_expression_owned(source.to_owned()).map_err(|error| located(&error, source))
}

fn bounded(source: &str) -> Result<(), ExprError> {
    let mut operators = 0;
    let mut depth = 0_usize;
    for token in tokens(source) {
        let here =
            |message| Err(ExprError::new(message, token.start, token.start + token.text.len()));
        operators += usize::from(token.is_operator());
        if operators > MOST_OPERATORS {
            return here(format!("the expression has more than {MOST_OPERATORS} operators"));
        }
        if ["(", "[", "{"].iter().any(|open| token.is(open)) {
            depth += 1;
            if depth > DEEPEST {
                return here(format!("the expression nests deeper than {DEEPEST}"));
            }
        } else if [")", "]", "}"].iter().any(|close| token.is(close)) {
            depth = depth.saturating_sub(1);
        }
    }
    Ok(())
}

fn located(error: &Error, source: &str) -> ExprError {
    let range = error.range().filter(|range| range.end <= source.len() && range.start <= range.end);
    // An error at the end has an empty range: the last character is as near as one can point.
    let range = range.unwrap_or(0..source.len());
    let message = match error.kind() {
        ErrorKind::OutOfFuel => "the expression takes too long".to_owned(),
        ErrorKind::SyntaxError => format!("this is no expression: {}", reason(error)),
        _ => reason(error),
    };
    let source = std::error::Error::source(error);
    let refusal = source.and_then(|source| source.downcast_ref::<Refusal>());
    ExprError {
        refusal: refusal.map(|refusal| Box::new(refusal.clone())),
        ..ExprError::new(message, range.start, range.end)
    }
}

/// An expression that is more than a dotted name.
pub(super) struct Program {
    expression: Expression<'static, 'static>,
    source: Box<str>,
    /// What it refers to, in order.
    references: Box<[Path]>,
    functions: Box<[Function]>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Program").field(&self.source).finish()
    }
}

impl Program {
    pub(super) fn compile(source: &str) -> Result<Self, ExprError> {
        let expression = compile(source)?;
        let (references, functions) = scan(source)?;
        Ok(Self {
            expression,
            source: source.into(),
            references: references.into_iter().map(Path::from).collect(),
            functions: functions.into(),
        })
    }

    pub(super) fn value(&self, names: Names<'_>, world: &Arc<World>) -> Result<Value, ExprError> {
        let result = self.run(names, world)?;
        to_json(&result).map_err(|message| {
            let undefined = if message == UNDEFINED { self.missing(names) } else { None };
            undefined.unwrap_or_else(|| ExprError::new(message, 0, self.source.len()))
        })
    }

    pub(super) fn is_true(&self, names: Names<'_>, world: &Arc<World>) -> Result<bool, ExprError> {
        let result = self.run(names, world)?;
        if result.is_undefined() {
            let missing = self.missing(names);
            return Err(
                missing.unwrap_or_else(|| ExprError::new("it has no value", 0, self.source.len()))
            );
        }
        Ok(result.is_true())
    }

    fn run(&self, names: Names<'_>, world: &Arc<World>) -> Result<Dynamic, ExprError> {
        let root = self.root(names, world);
        self.expression.eval(root).map_err(|error| {
            let missing =
                if error.kind() == ErrorKind::UndefinedError { self.missing(names) } else { None };
            missing.unwrap_or_else(|| located(&error, &self.source))
        })
    }

    fn missing(&self, names: Names<'_>) -> Option<ExprError> {
        self.references.iter().find_map(|path| path.missing(names))
    }

    /// The scope as far as the expression refers to it: outcomes can be large.
    fn root(&self, names: Names<'_>, world: &Arc<World>) -> Dynamic {
        let mut root = Branch::default();
        for path in &self.references {
            if self.references.iter().any(|other| other.holds(path) && !path.holds(other)) {
                continue;
            }
            let (depth, leaf) = match path.find(names) {
                Ok(view) => (usize::MAX, Some(view)),
                Err((found, _)) => (found, None),
            };
            let keys: Vec<&str> = path.keys().take(depth).collect();
            match leaf {
                // `env` is a map and a function.
                Some(view) if keys == ["env"] => {
                    for (name, value) in view.as_map().into_iter().flatten() {
                        root.branch(&keys).insert(name, super::convert::to_dynamic(value));
                    }
                }
                Some(view) => {
                    if let Some((last, before)) = keys.split_last() {
                        root.branch(before).insert(last, view_to_dynamic(view));
                    }
                }
                None => drop(root.branch(&keys)),
            }
        }
        for &function in &self.functions {
            root.branch(&[function.name()]).callable = Some(Callable {
                function,
                world: Arc::clone(world),
                env: Arc::clone(&names.scope.env),
            });
        }
        Dynamic::from_object(root)
    }
}

/// A map with some of a scope's values, or a function.
#[derive(Debug, Default)]
struct Branch {
    leaves: Vec<(Box<str>, Dynamic)>,
    branches: Vec<(Box<str>, Arc<Self>)>,
    callable: Option<Callable>,
}

impl Branch {
    fn insert(&mut self, name: &str, value: Dynamic) {
        self.leaves.push((name.into(), value));
    }

    fn branch(&mut self, keys: &[&str]) -> &mut Self {
        let Some((first, rest)) = keys.split_first() else { return self };
        let at = self.branches.iter().position(|(name, _)| **name == **first);
        let at = at.unwrap_or_else(|| {
            self.branches.push(((*first).into(), Arc::default()));
            self.branches.len() - 1
        });
        // Nobody else holds it yet, so nothing is copied.
        Arc::get_mut(&mut self.branches[at].1)
            .unwrap_or_else(|| unreachable!("a scope being built has one owner"))
            .branch(rest)
    }
}

impl Object for Branch {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Dynamic) -> Option<Dynamic> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Dynamic> {
        if let Some((_, leaf)) = self.leaves.iter().find(|(name, _)| **name == *key) {
            return Some(leaf.clone());
        }
        let (_, branch) = self.branches.iter().find(|(name, _)| **name == *key)?;
        Some(Dynamic::from_dyn_object(Arc::clone(branch)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.leaves.iter().map(|(name, _)| Dynamic::from(&**name));
        Enumerator::Values(names.collect())
    }

    fn call(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        arguments: &[Dynamic],
    ) -> Result<Dynamic, Error> {
        match &self.callable {
            Some(callable) => callable.call(arguments),
            None => Err(Error::new(ErrorKind::InvalidOperation, "this is no function")),
        }
    }
}
