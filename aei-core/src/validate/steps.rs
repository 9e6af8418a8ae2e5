//! Steps: their texts, selectors and operands, with the names known at each.

use std::collections::BTreeMap;
use std::path::Path;

use super::blocks::{Blocks, Gives, called};
use super::kinds::unknown_kind;
use super::scope::Names;
use super::texts::Texts;
use super::words::help_for;
use crate::check::operand_error;
use crate::diagnostic::Diagnostic;
use crate::host::Host;
use crate::runner::Registry;
use crate::source::Spanned;
use crate::template::{Check, Operator, Step};

/// Walks lists of steps.
pub(super) struct Steps<'a> {
    pub(super) texts: Texts<'a>,
    pub(super) blocks: Blocks<'a>,
    pub(super) registry: &'a Registry,
    pub(super) dir: &'a Path,
    pub(super) host: &'a dyn Host,
    /// Files that schemas name, with what is wrong with them.
    pub(super) files: BTreeMap<Box<str>, Option<String>>,
}

impl<'a> Steps<'a> {
    /// Walks lists that run one after the other. What they give is added to `names`.
    pub(super) fn walk(&mut self, lists: &[&'a [Step]], names: &mut Names<'a>) {
        let steps = || lists.iter().copied().flatten();
        names.ids.extend(steps().filter_map(|step| Some(&*step.id.as_ref()?.value)));
        for step in steps() {
            self.step(step, names);
            let mut gives = Gives::default();
            self.blocks.of_step(step, &mut gives);
            names.vars.extend(gives.vars);
            names.steps.extend(gives.steps);
        }
    }

    fn step(&mut self, step: &'a Step, names: &Names<'a>) {
        let kind = match called(step) {
            Some(_) => {
                self.blocks.call(step, &mut self.texts.found);
                None
            }
            None => self.kind(step),
        };
        if let Some(name) = &step.name {
            self.texts.text(name, name.span, names);
        }
        if let Some(condition) = &step.condition {
            self.texts.condition(condition, condition.span, names, false);
        }
        if let Some(with) = &step.with {
            self.texts.node(with, names);
        }
        for check in &step.expect {
            self.selector(step, &check.that, kind);
            self.check(check, names);
        }
        for (_, selector) in step.capture.iter() {
            self.selector(step, selector, kind);
        }
    }

    fn kind(&mut self, step: &'a Step) -> Option<&'a str> {
        let uses = &step.uses;
        if self.registry.get(uses).is_none() {
            self.texts.found.push(unknown_kind(uses, uses.span, self.registry));
            return None;
        }
        Some(uses)
    }

    fn selector(&mut self, step: &Step, selector: &Spanned<Box<str>>, kind: Option<&'a str>) {
        if selector.value.contains("${{") {
            let message = "a selector cannot hold an expression";
            self.texts.found.push(Diagnostic::error("selector", message, selector.span));
            return;
        }
        self.texts.selector(selector, kind);
        let Some(block) = called(step) else { return };
        let Some(captures) = self.blocks.captures(block) else { return };
        let first = selector.value.trim_start_matches("$.");
        let first = first.split(['.', '[', '$']).next().unwrap_or_default();
        if !first.is_empty() && !captures.contains(first) {
            let message = format!("block `{block}` captures no `{first}`");
            let mut mistake = Diagnostic::error("unknown-selector", message, selector.span);
            mistake.help = help_for(first, captures.iter().copied(), "captures");
            self.texts.found.push(mistake);
        }
    }

    fn check(&mut self, check: &Check, names: &Names<'a>) {
        if check.operators.is_empty() {
            let message = format!("the check of `{}` says nothing that must hold", check.that);
            self.texts.found.push(
                Diagnostic::error("no-operator", message, check.that.span)
                    .help("add an operator, such as `equals: …` or `exists: true`"),
            );
        }
        for (operator, operand) in &check.operators {
            if let Some((message, span)) = operand_error(*operator, operand) {
                let (message, help) = match message.split_once("; ") {
                    Some((message, help)) => (message, Some(help.to_owned())),
                    None => (message.as_str(), None),
                };
                let mut mistake = Diagnostic::error("operand", message, span);
                mistake.help = help;
                self.texts.found.push(mistake);
                continue;
            }
            match (operator, operand.as_str()) {
                (Operator::Satisfies, Some(text)) => {
                    self.texts.condition(text, operand.span, names, true);
                }
                (Operator::Schema, Some(file)) if !file.contains("${{") => {
                    if let Some(reason) = self.unreadable(file) {
                        let mistake = Diagnostic::error("unreadable", reason, operand.span);
                        self.texts.found.push(mistake);
                    }
                }
                _ => self.texts.node(operand, names),
            }
        }
    }

    fn unreadable(&mut self, file: &str) -> Option<String> {
        if let Some(known) = self.files.get(file) {
            return known.clone();
        }
        let reason = self.host.read(&self.dir.join(file)).err().map(|error| error.to_string());
        self.files.insert(file.into(), reason.clone());
        reason
    }
}
