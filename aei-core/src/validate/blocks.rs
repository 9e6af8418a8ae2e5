//! Blocks: what they give to their callers, and that none ends up calling itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::kinds::BLOCK;
use super::needs::circles;
use super::words::help_for;
use crate::diagnostic::Diagnostic;
use crate::source::Node;
use crate::template::{Block, Step, Template};

/// What a list of steps leaves behind: of its own, or by the blocks that it calls.
#[derive(Debug, Default, Clone)]
pub(super) struct Gives<'a> {
    pub(super) vars: BTreeSet<&'a str>,
    pub(super) steps: BTreeMap<&'a str, Option<&'a str>>,
}

impl Gives<'_> {
    pub(super) fn add(&mut self, other: &Self) {
        self.vars.extend(&other.vars);
        self.steps.extend(&other.steps);
    }
}

/// The blocks of a template, by name.
pub(super) struct Blocks<'a> {
    gives: HashMap<&'a str, Gives<'a>>,
    template: &'a Template,
}

/// The name of the block that a step calls.
pub(super) fn called(step: &Step) -> Option<&str> {
    step.uses.value.strip_prefix(BLOCK)
}

impl<'a> Blocks<'a> {
    pub(super) fn new(template: &'a Template) -> Self {
        let mut blocks = Self { gives: HashMap::new(), template };
        for (name, block) in template.blocks.iter() {
            let mut seen = BTreeSet::new();
            let gives = blocks.gather(name, block, &mut seen);
            blocks.gives.insert(name, gives);
        }
        blocks
    }

    fn gather(&self, name: &'a str, block: &'a Block, seen: &mut BTreeSet<&'a str>) -> Gives<'a> {
        let mut gives = Gives::default();
        if !seen.insert(name) {
            return gives;
        }
        for step in &block.steps {
            own(step, &mut gives);
            let inner = called(step).and_then(|name| self.find(name));
            if let Some((name, block)) = inner {
                gives.add(&self.gather(name, block, seen));
            }
        }
        gives
    }

    fn find(&self, wanted: &str) -> Option<(&'a str, &'a Block)> {
        let mut blocks = self.template.blocks.iter();
        blocks.find(|(name, _)| &*name.value == wanted).map(|(name, block)| (&*name.value, block))
    }

    /// What a step leaves behind.
    pub(super) fn of_step(&self, step: &'a Step, gives: &mut Gives<'a>) {
        if let Some(block) = called(step).and_then(|name| self.gives.get(name)) {
            gives.add(block);
        }
        own(step, gives);
    }

    /// What a block captures.
    pub(super) fn captures(&self, name: &str) -> Option<&BTreeSet<&'a str>> {
        self.gives.get(name).map(|gives| &gives.vars)
    }

    /// Looks at a step that calls a block: the block, and its inputs.
    pub(super) fn call(&self, step: &Step, found: &mut Vec<Diagnostic>) {
        let Some(name) = called(step) else { return };
        let Some(block) = self.template.blocks.get(name) else {
            let message = format!("unknown block `{name}`");
            let mut mistake = Diagnostic::error("unknown-block", message, step.uses.span);
            mistake.help = help_for(name, self.template.blocks.keys(), "blocks").or_else(|| {
                Some("define it under `blocks`, or `include` the file that does".to_owned())
            });
            found.push(mistake);
            return;
        };
        repeated_or_limited(step, found);
        let with = step.with.as_ref();
        if with.is_some_and(|with| with.as_str().is_some()) {
            return;
        }
        if let Some(with) = with.filter(|with| with.as_map().is_none()) {
            let message =
                format!("`with` of block `{name}` must be a map, not {}", with.type_name());
            found.push(Diagnostic::error("wrong-type", message, with.span));
            return;
        }
        let given = with.and_then(Node::as_map).unwrap_or_default();
        for (key, _) in given.iter().filter(|(key, _)| block.inputs.get(&key.name).is_none()) {
            let message = format!("block `{name}` has no input `{}`", key.name);
            let mut mistake = Diagnostic::error("unknown-block-input", message, key.span);
            mistake.help = help_for(&key.name, block.inputs.keys(), "inputs")
                .or_else(|| Some("it takes no inputs".to_owned()));
            found.push(mistake);
        }
        for (input, declared) in block.inputs.iter() {
            let is_given = given.iter().any(|(key, _)| *key.name == *input.value);
            if declared.default.is_none() && !is_given {
                let message = format!("block `{name}` needs the input `{input}`");
                found.push(
                    Diagnostic::error("missing-block-input", message, step.uses.span)
                        .related(input.span, "declared here, without a default")
                        .help(format!("give it under `with`: `with: {{ {input}: … }}`")),
                );
            }
        }
    }
}

/// A call is no attempt of its own: what is repeated or limited in time are the block's steps.
fn repeated_or_limited(step: &Step, found: &mut Vec<Diagnostic>) {
    let keys = [("retry", step.retry.is_some()), ("timeout", step.timeout.is_some())];
    for (key, _) in keys.iter().filter(|(_, is_given)| *is_given) {
        let message = format!("`{key}` has no effect on the call of a block");
        found.push(
            Diagnostic::error("block-call", message, step.uses.span)
                .help(format!("give `{key}` to the steps of the block")),
        );
    }
}

fn own<'a>(step: &'a Step, gives: &mut Gives<'a>) {
    gives.vars.extend(step.capture.keys());
    if let Some(id) = &step.id {
        let kind = called(step).is_none().then_some(&*step.uses.value);
        gives.steps.insert(id, kind);
    }
}

/// Blocks that end up calling themselves.
pub(super) fn recursion(template: &Template, found: &mut Vec<Diagnostic>) {
    let blocks: Vec<_> = template.blocks.iter().collect();
    let places: HashMap<&str, usize> =
        blocks.iter().enumerate().map(|(at, (name, _))| (&*name.value, at)).collect();
    let targets = |block: &Block| {
        let names = block.steps.iter().filter_map(called);
        names.filter_map(|name| places.get(name).copied()).collect::<Vec<_>>()
    };
    let edges: Vec<_> = blocks.iter().map(|(_, block)| targets(block)).collect();
    for circle in circles(&edges) {
        let at = |nth: usize| circle[nth % circle.len()];
        let name = |nth: usize| &*blocks[at(nth)].0.value;
        let path: Vec<&str> = (0..=circle.len()).map(name).collect();
        let call = |nth: usize| {
            let steps = &blocks[at(nth)].1.steps;
            steps.iter().find(|step| called(step) == Some(name(nth + 1))).map(|s| s.uses.span)
        };
        let message = format!("block `{}` ends up calling itself: {}", name(0), path.join(" → "));
        let span = call(0).unwrap_or(blocks[at(0)].0.span);
        let mut mistake = Diagnostic::error("block-recursion", message, span);
        for nth in 1..circle.len() {
            if let Some(span) = call(nth) {
                let words = format!("`{}` calls `{}`", name(nth), name(nth + 1));
                mistake = mistake.related(span, words);
            }
        }
        found.push(mistake);
    }
}
