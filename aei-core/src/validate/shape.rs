use std::collections::HashMap;
use std::rc::Rc;
use std::sync::OnceLock;

use super::kinds::{BLOCK, unknown_kind};
use super::place::Place;
use super::rule::{Extra, Rule, RuleId, Rules};
use super::{choice, scalar, times};
use crate::diagnostic::{Diagnostic, nearest};
use crate::runner::Registry;
use crate::source::{Key, Node, NodeValue, Span};

/// How often a rule may lead to another for one and the same node.
const HOPS: u8 = 8;

/// Compares a tree with the grammar of templates: unknown and missing keys, wrong types, values
/// that are not among those allowed. `with` is compared with what the runner of `uses` takes.
pub fn shape(root: &Node, registry: &Registry) -> Vec<Diagnostic> {
    static TEMPLATE: OnceLock<Rules> = OnceLock::new();
    if matches!(root.value, NodeValue::Null) {
        let help = "a template has `aei: 1` and `cases:`; `aei new` writes one to begin with";
        return vec![Diagnostic::error("empty", "the template is empty", root.span).help(help)];
    }
    let rules = TEMPLATE.get_or_init(super::grammar::template);
    let mut walker =
        Walker { registry, kinds: HashMap::new(), given: given(root), found: Vec::new() };
    walker.node(rules, rules.root(), root, Place::root(), HOPS);
    super::sorted(walker.found)
}

/// Compares the tree of another document, which messages call `name`, with its JSON Schema.
pub(crate) fn fits(root: &Node, schema: &serde_json::Value, name: &'static str) -> Vec<Diagnostic> {
    let registry = Registry::empty();
    let rules = Rules::new(schema, false);
    let mut walker = Walker {
        registry: &registry,
        kinds: HashMap::new(),
        given: HashMap::new(),
        found: Vec::new(),
    };
    walker.node(&rules, rules.root(), root, Place::document(name), HOPS);
    super::sorted(walker.found)
}

/// For each kind, the keys of `with` that `defaults` give.
fn given(root: &Node) -> HashMap<&str, &[(Key, Node)]> {
    let with = root.get("defaults").and_then(|defaults| defaults.get("with"));
    let kinds = with.and_then(Node::as_map).unwrap_or_default();
    kinds.iter().filter_map(|(kind, node)| Some((kind.name.as_str(), node.as_map()?))).collect()
}

pub(super) struct Walker<'a> {
    registry: &'a Registry,
    /// The rules of `with`, made when a kind is first used.
    kinds: HashMap<&'a str, Option<Rc<Rules>>>,
    given: HashMap<&'a str, &'a [(Key, Node)]>,
    pub(super) found: Vec<Diagnostic>,
}

impl<'a> Walker<'a> {
    pub(super) fn node(
        &mut self,
        rules: &Rules,
        id: RuleId,
        node: &'a Node,
        place: Place<'a>,
        hops: u8,
    ) {
        let rule = rules.get(id);
        if rule.expressions && holds_expression(node) {
            return;
        }
        if !rule.accepts.fits(node) {
            self.found.push(scalar::wrong_type(rules, id, node, place));
            return;
        }
        if !rule.values.is_empty() && !rule.values.iter().any(|value| scalar::same(node, value)) {
            self.found.push(scalar::wrong_value(&rule.values, node, place));
            return;
        }
        match &node.value {
            NodeValue::Map(entries) => self.map(rules, rule, node, entries, place),
            NodeValue::List(items) => self.list(rules, rule, node, items, place),
            NodeValue::String(text) => {
                self.found.extend(scalar::text(rule, text, node.span, place));
            }
            NodeValue::Int(_) | NodeValue::Float(_) => {
                self.found.extend(scalar::number(rule, node, place));
            }
            NodeValue::Null | NodeValue::Bool(_) => {}
        }
        if hops == 0 {
            return;
        }
        for &part in &rule.all {
            self.node(rules, part, node, place, hops - 1);
        }
        if !rule.any.is_empty() {
            choice::walk(self, rules, &rule.any, node, place, hops - 1);
        }
    }

    fn map(
        &mut self,
        rules: &Rules,
        rule: &Rule,
        node: &'a Node,
        entries: &'a [(Key, Node)],
        place: Place<'a>,
    ) {
        let kind = if place.is_template() { self.step_kind(rule, node) } else { None };
        for (key, value) in entries {
            let inner = place.key(&key.name);
            match rule.key(&key.name) {
                Some(_) if kind.is_some() && key.name == "with" => {}
                Some(id) => self.node(rules, id, value, inner, HOPS),
                None => match rule.extra {
                    Extra::Allowed => {}
                    Extra::Rule(id) => self.node(rules, id, value, inner, HOPS),
                    Extra::Refused => {
                        let found = self.unknown_key(rule, key, place, kind);
                        self.found.push(found);
                    }
                },
            }
        }
        for name in &rule.required {
            let misspelt = |key: &Key| {
                rule.key(&key.name).is_none() && nearest(&key.name, [name.as_str()]).is_some()
            };
            let told = entries.iter().any(|(key, _)| key.name == *name || misspelt(key));
            if !told && !self.is_given(name, place) {
                let span = start(node, entries);
                self.found.push(missing_key(name, rule, span, place));
            }
        }
        let unknown = |key: &Key| rule.key(&key.name).is_none();
        if !entries.iter().any(|(key, _)| rule.one_of.contains(&key.name) || unknown(key)) {
            self.one_of(rule, start(node, entries), place);
        }
        if let Some(kind) = kind {
            self.with(kind, node);
        }
        if place.is_template() {
            if rule.name.as_deref() == Some("Defaults") {
                self.defaults(node);
            }
            self.found.extend(times::check(rule, entries));
        }
    }

    fn list(
        &mut self,
        rules: &Rules,
        rule: &Rule,
        node: &'a Node,
        items: &'a [Node],
        place: Place<'a>,
    ) {
        for (at, item) in items.iter().enumerate() {
            if let Some(id) = rule.prefix.get(at).copied().or(rule.items) {
                self.node(rules, id, item, place.item(), HOPS);
            }
        }
        self.found.extend(scalar::size(rule, items.len(), node.span, place));
    }

    /// The runner kind that a step uses, when it is a step that uses one we can look into.
    fn step_kind(&mut self, rule: &Rule, node: &'a Node) -> Option<&'a str> {
        if rule.name.as_deref() != Some("Step") {
            return None;
        }
        let uses = node.get("uses")?;
        let kind = uses.as_str()?;
        if kind.starts_with(BLOCK) {
            return None;
        }
        if self.rules_of(kind).is_none() {
            self.found.push(unknown_kind(kind, uses.span, self.registry));
            return None;
        }
        Some(kind)
    }

    fn rules_of(&mut self, kind: &'a str) -> Option<Rc<Rules>> {
        let registry = self.registry;
        let rules = self.kinds.entry(kind).or_insert_with(|| {
            registry.get(kind).map(|runner| Rc::new(Rules::new(&runner.spec().params, true)))
        });
        rules.clone()
    }

    fn with(&mut self, kind: &'a str, step: &'a Node) {
        let Some(rules) = self.rules_of(kind) else { return };
        let place = Place::with(kind);
        match step.get("with") {
            Some(with) if with.value != NodeValue::Null => {
                self.node(&rules, rules.root(), with, place, HOPS);
            }
            _ => {
                let span = step.get("uses").map_or(step.span, |uses| uses.span);
                let rule = rules.get(rules.root());
                for name in &rule.required {
                    if !self.is_given(name, place) {
                        self.found.push(missing_key(name, rule, span, place));
                    }
                }
                self.one_of(rule, span, place);
            }
        }
    }

    /// `defaults.with`: for each kind what its `with` may hold, nothing of it required.
    fn defaults(&mut self, node: &'a Node) {
        let Some(kinds) = node.get("with").and_then(Node::as_map) else { return };
        for (key, with) in kinds {
            match self.rules_of(&key.name) {
                None => self.found.push(unknown_kind(&key.name, key.span, self.registry)),
                Some(rules) => {
                    self.node(&rules, rules.root(), with, Place::defaults(&key.name), HOPS);
                }
            }
        }
    }

    /// Of some keys at least one is needed, here or in `defaults`.
    fn one_of(&mut self, rule: &Rule, span: Span, place: Place<'a>) {
        if rule.one_of.is_empty() || rule.one_of.iter().any(|name| self.is_given(name, place)) {
            return;
        }
        let names = super::words::alternatives(&rule.one_of);
        let message = format!("missing key {names} in {}", place.container(rule));
        self.found.push(Diagnostic::error("missing-key", message, span));
    }

    /// Whether `defaults` give a key of `with`.
    fn is_given(&self, name: &str, place: Place<'a>) -> bool {
        let Some(kind) = place.is_with() else { return false };
        // In `defaults` nothing is required at all.
        if place.is_defaults() {
            return true;
        }
        self.given
            .get(kind)
            .is_some_and(|entries| entries.iter().any(|(key, _)| key.name.as_str() == name))
    }

    fn unknown_key(
        &mut self,
        rule: &Rule,
        key: &Key,
        place: Place<'a>,
        kind: Option<&'a str>,
    ) -> Diagnostic {
        let message = format!("unknown key `{}` in {}", key.name, place.container(rule));
        let diagnostic = Diagnostic::error("unknown-key", message, key.span);
        let with = kind.and_then(|kind| self.rules_of(kind));
        if with.is_some_and(|with| with.get(with.root()).key(&key.name).is_some()) {
            return diagnostic
                .help(format!("`{0}` belongs under `with`: `with: {{ {0}: … }}`", key.name));
        }
        if place.is_with().is_some() && super::grammar::STEP_KEYS.contains(&key.name.as_str()) {
            return diagnostic.help(format!("`{}` belongs beside `with`, not in it", key.name));
        }
        let known = rule.names.iter().map(AsRef::as_ref);
        match super::words::help_for(&key.name, known, "keys") {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

fn missing_key(name: &str, rule: &Rule, span: Span, place: Place<'_>) -> Diagnostic {
    let message = format!("missing key `{name}` in {}", place.container(rule));
    Diagnostic::error("missing-key", message, span)
}

/// The place to point at for something that a map does not have: its first key or its brace.
fn start(node: &Node, entries: &[(Key, Node)]) -> Span {
    match entries.first() {
        Some((key, _)) if key.span.start <= node.span.start => key.span,
        _ => node.span.part(0, 1),
    }
}

pub(super) fn holds_expression(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.contains("${{"))
}
