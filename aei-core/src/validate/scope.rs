//! Which names an expression may use, by where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::words::{alternatives, help_for};
use crate::source::Spanned;
use crate::template::{Entries, Input};

/// The names of a matrix.
#[derive(Debug, Clone)]
pub(super) enum Known<'a> {
    /// Of the template itself.
    These(Vec<&'a str>),
    /// With those of a file.
    Columns(Rc<[String]>),
    /// Cannot be told.
    Anything,
}

impl<'a> Known<'a> {
    pub(super) fn has(&self, wanted: &str) -> bool {
        matches!(self, Self::Anything) || self.names().any(|name| name == wanted)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let (own, columns): (&[&str], &[String]) = match self {
            Self::These(names) => (names, &[]),
            Self::Columns(names) => (&[], names),
            Self::Anything => (&[], &[]),
        };
        own.iter().copied().chain(columns.iter().map(String::as_str))
    }

    pub(super) fn add(&mut self, name: &'a str) {
        if let Self::These(names) = self
            && !names.contains(&name)
        {
            names.push(name);
        }
    }

    /// Takes in the names of another.
    pub(super) fn join(&mut self, other: &Self) {
        match other {
            Self::These(names) if matches!(self, Self::These(_)) => {
                for name in names {
                    self.add(name);
                }
            }
            _ if other.names().all(|name| self.has(name)) && !matches!(other, Self::Anything) => {}
            Self::Anything => *self = Self::Anything,
            _ if matches!(self, Self::Anything) => {}
            _ => {
                let all: BTreeSet<&str> = self.names().chain(other.names()).collect();
                *self = Self::Columns(all.into_iter().map(str::to_owned).collect());
            }
        }
    }
}

/// The names of one place.
#[derive(Debug, Clone)]
pub(super) struct Names<'a> {
    /// The roots that there are here.
    pub(super) roots: &'static [&'static str],
    /// Why there are no others.
    pub(super) why: &'static str,
    pub(super) inputs: &'a Entries<Input>,
    pub(super) env: &'a [Spanned<Box<str>>],
    pub(super) matrix: Known<'a>,
    /// What is captured before the case begins.
    pub(super) setup: &'a BTreeSet<&'a str>,
    /// What is captured by earlier steps.
    pub(super) vars: BTreeSet<&'a str>,
    /// Earlier steps: their ids and runner kinds. A call of a block has no kind.
    pub(super) steps: BTreeMap<&'a str, Option<&'a str>>,
    /// Ids of earlier steps, of this one and of later ones.
    pub(super) ids: BTreeSet<&'a str>,
}

/// Before anything runs.
pub(super) const PLAN: &[&str] = &["inputs", "env", "node", "matrix"];
/// Before the cases are known.
pub(super) const UNFOLD: &[&str] = &["inputs", "env", "node"];
/// Anywhere in a run.
pub(super) const RUN: &[&str] = &crate::expr::ROOTS;

const CASE: [&str; 4] = ["id", "name", "attempt", "tags"];
const RUN_KEYS: [&str; 4] = ["id", "name", "started_at", "dir"];

/// What is wrong with a name, and what to do.
pub(super) struct Wrong {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Wrong {
    #[expect(clippy::unnecessary_wraps, reason = "reads well where it is used")]
    fn new(code: &'static str, message: String, help: Option<String>) -> Option<Self> {
        Some(Self { code, message, help })
    }
}

impl Names<'_> {
    /// What is wrong with a name of an expression.
    pub(super) fn check(&self, path: &[String]) -> Option<Wrong> {
        let root = path.first()?.as_str();
        if !self.roots.contains(&root) {
            return self.wrong_root(root);
        }
        let name = path.get(1)?.as_str();
        match root {
            "inputs" if self.inputs.get(name).is_none() => Wrong::new(
                "unknown-input",
                format!("unknown input `{name}`"),
                help_for(name, self.inputs.keys(), "inputs")
                    .or_else(|| Some(format!("declare it: `inputs: {{ {name}: {{}} }}`"))),
            ),
            "env" if !self.env.iter().any(|known| &*known.value == name) => Wrong::new(
                "unknown-env",
                format!("`env.{name}` is not listed under `env`"),
                crate::diagnostic::nearest(name, self.env.iter().map(|known| &*known.value))
                    .map(|near| format!("did you mean `{near}`?"))
                    .or_else(|| {
                        Some(format!("list it at the top of the template: `env: [{name}]`"))
                    }),
            ),
            "vars" if !self.has_var(name) => Wrong::new(
                "unknown-variable",
                format!("`vars.{name}` is not captured by any earlier step"),
                help_for(name, self.vars.union(self.setup).copied(), "here")
                    .or_else(|| Some("`capture` in an earlier step makes it".to_owned())),
            ),
            "matrix" if !self.matrix.has(name) => {
                let help = help_for(name, self.matrix.names(), "values");
                let message = format!("the matrix has no value `{name}` here");
                Wrong::new("unknown-matrix-value", message, help)
            }
            "steps" => self.wrong_step(name),
            "case" => of_fixed("case", name, &CASE),
            "run" => of_fixed("run", name, &RUN_KEYS),
            _ => None,
        }
    }

    fn has_var(&self, name: &str) -> bool {
        self.vars.contains(name) || self.setup.contains(name)
    }

    fn wrong_root(&self, root: &str) -> Option<Wrong> {
        if crate::expr::ROOTS.contains(&root) {
            let message = format!("`{root}` cannot be used here: {}", self.why);
            let help = format!("expressions here can use {}", alternatives(self.roots));
            return Wrong::new("unknown-name", message, Some(help));
        }
        let near = crate::diagnostic::nearest(root, self.roots.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.inputs.get(root).is_some() => format!("did you mean `inputs.{root}`?"),
            None if self.has_var(root) => format!("did you mean `vars.{root}`?"),
            None if self.matrix.names().any(|name| name == root) => {
                format!("did you mean `matrix.{root}`?")
            }
            None => format!("expressions here can use {}", alternatives(self.roots)),
        };
        Wrong::new("unknown-name", format!("unknown name `{root}`"), Some(help))
    }

    fn wrong_step(&self, name: &str) -> Option<Wrong> {
        if self.steps.contains_key(name) {
            return None;
        }
        if self.ids.contains(name) {
            let message = format!("step `{name}` has not run yet here");
            let help = "an expression can look at the outcomes of earlier steps".to_owned();
            return Wrong::new("unknown-step", message, Some(help));
        }
        let help = help_for(name, self.steps.keys().copied(), "steps");
        Wrong::new("unknown-step", format!("no earlier step has the id `{name}`"), help)
    }
}

fn of_fixed(root: &str, name: &str, known: &[&'static str]) -> Option<Wrong> {
    if known.contains(&name) {
        return None;
    }
    let help = help_for(name, known.iter().copied(), "names");
    Wrong::new("unknown-name", format!("`{root}` has no `{name}`"), help)
}
