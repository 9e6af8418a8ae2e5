//! A JSON Schema made ready to be walked: the subset that schemars emits.

use std::collections::HashMap;

use compact_str::CompactString;
use regex::Regex;
use serde_json::{Map, Value};

use super::types::Types;

/// A keyword of our own: `${{ }}` may stand for any value in here.
pub(super) const EXPRESSIONS: &str = "x-expressions";

/// A keyword of our own: a map has at least one of these keys.
const ONE_OF_KEYS: &str = "x-one-of-keys";

/// The place of a rule in its [`Rules`].
pub(super) type RuleId = usize;

/// A schema with all that it refers to.
#[derive(Debug)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    root: RuleId,
}

/// One schema.
#[derive(Debug, Default)]
pub(super) struct Rule {
    /// The name of its definition.
    pub(super) name: Option<Box<str>>,
    /// What it says of types itself.
    pub(super) types: Types,
    /// What can fit at all, with its branches taken into account.
    pub(super) accepts: Types,
    /// Known keys, sorted.
    keys: Vec<(CompactString, RuleId)>,
    /// Known keys, as the author ordered them.
    pub(super) names: Vec<CompactString>,
    pub(super) required: Vec<CompactString>,
    /// Keys of which at least one must be there, when there are any.
    pub(super) one_of: Vec<CompactString>,
    pub(super) extra: Extra,
    pub(super) prefix: Vec<RuleId>,
    pub(super) items: Option<RuleId>,
    pub(super) sizes: (Option<u64>, Option<u64>),
    pub(super) values: Vec<Value>,
    pub(super) any: Vec<RuleId>,
    pub(super) all: Vec<RuleId>,
    pub(super) pattern: Option<Regex>,
    pub(super) range: Range,
    pub(super) format: Option<Format>,
    /// Whether a string with `${{ }}` fits, whatever is wanted.
    pub(super) expressions: bool,
}

/// What a rule says of keys that it does not know.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Extra {
    #[default]
    Allowed,
    Refused,
    Rule(RuleId),
}

/// Formats with a parser of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Duration,
    Size,
}

/// The numbers allowed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Range {
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    /// The least that is too little.
    pub(super) above: Option<f64>,
    /// The least that is too much.
    pub(super) below: Option<f64>,
}

impl Rule {
    pub(super) fn key(&self, name: &str) -> Option<RuleId> {
        let at = self.keys.binary_search_by(|(key, _)| key.as_str().cmp(name)).ok()?;
        Some(self.keys[at].1)
    }
}

impl Rules {
    /// Makes a schema ready. `expressions` tells whether `${{ }}` may stand for any value in it.
    pub(super) fn new(schema: &Value, expressions: bool) -> Self {
        let mut compiler = Compiler { root: schema, rules: Vec::new(), known: HashMap::new() };
        let root = compiler.compile(schema, expressions);
        let mut rules = compiler.rules;
        for id in 0..rules.len() {
            rules[id].accepts = accepts(&rules, id, 8);
        }
        Self { rules, root }
    }

    pub(super) const fn root(&self) -> RuleId {
        self.root
    }

    pub(super) fn get(&self, id: RuleId) -> &Rule {
        &self.rules[id]
    }
}

fn accepts(rules: &[Rule], id: RuleId, hops: u8) -> Types {
    let rule = &rules[id];
    let mut types = rule.types;
    if hops == 0 {
        return types;
    }
    if !rule.any.is_empty() {
        let branches = rule.any.iter().map(|&branch| accepts(rules, branch, hops - 1));
        types = types.and(branches.fold(Types::NONE, Types::or));
    }
    for &part in &rule.all {
        types = types.and(accepts(rules, part, hops - 1));
    }
    if !rule.values.is_empty() {
        types = types.and(rule.values.iter().map(Types::of_value).fold(Types::NONE, Types::or));
    }
    types
}

struct Compiler<'a> {
    root: &'a Value,
    rules: Vec<Rule>,
    known: HashMap<(&'a str, bool), RuleId>,
}

impl<'a> Compiler<'a> {
    fn add(&mut self, rule: Rule) -> RuleId {
        self.rules.push(rule);
        self.rules.len() - 1
    }

    fn compile(&mut self, schema: &'a Value, expressions: bool) -> RuleId {
        let Value::Object(map) = schema else {
            let types = if schema == &Value::Bool(false) { Types::NONE } else { Types::ALL };
            return self.add(Rule { types, expressions, ..Rule::default() });
        };
        let expressions = expressions || map.contains_key(EXPRESSIONS);
        if let Some(target) = map.get("$ref").and_then(Value::as_str) {
            return self.reference(target, map, expressions);
        }
        let id = self.add(Rule::default());
        self.fill(id, map, expressions);
        id
    }

    fn reference(&mut self, target: &'a str, map: &'a Map<String, Value>, flag: bool) -> RuleId {
        let id = self.target(target, flag);
        let limits = ["type", "properties", "required", "enum", "const", "anyOf", "oneOf", "allOf"];
        if !limits.iter().any(|key| map.contains_key(*key)) {
            return id;
        }
        let both = self.add(Rule::default());
        self.fill(both, map, flag);
        self.rules[both].all.push(id);
        both
    }

    fn target(&mut self, target: &'a str, flag: bool) -> RuleId {
        if let Some(&id) = self.known.get(&(target, flag)) {
            return id;
        }
        // Reserved before it is filled: definitions may refer to themselves.
        let id = self.add(Rule::default());
        self.known.insert((target, flag), id);
        match target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) {
            Some(Value::Object(map)) => match map.get("$ref").and_then(Value::as_str) {
                Some(further) => {
                    let inner = self.reference(further, map, flag);
                    self.rules[id].all.push(inner);
                }
                None => self.fill(id, map, flag),
            },
            _ => self.rules[id].types = Types::ALL,
        }
        self.rules[id].name = target.strip_prefix("#/$defs/").map(Into::into);
        id
    }

    fn fill(&mut self, id: RuleId, map: &'a Map<String, Value>, flag: bool) {
        let mut rule = Rule { expressions: flag, ..Rule::default() };
        if let Some(types) = map.get("type") {
            rule.types = Types::of_schema(types);
        }
        if let Some(Value::Object(properties)) = map.get("properties") {
            for (name, schema) in properties {
                rule.keys.push((name.as_str().into(), self.compile(schema, flag)));
                rule.names.push(name.as_str().into());
            }
            rule.keys.sort();
        }
        let texts = |key: &str| map.get(key).and_then(Value::as_array).into_iter().flatten();
        rule.required = texts("required").filter_map(Value::as_str).map(Into::into).collect();
        rule.one_of = texts(ONE_OF_KEYS).filter_map(Value::as_str).map(Into::into).collect();
        rule.extra = match map.get("additionalProperties") {
            None | Some(Value::Bool(true)) => Extra::Allowed,
            Some(Value::Bool(false)) => Extra::Refused,
            Some(schema) => Extra::Rule(self.compile(schema, flag)),
        };
        rule.items = map.get("items").map(|items| self.compile(items, flag));
        rule.prefix = self.compile_all(map, "prefixItems", flag);
        rule.any = self.compile_all(map, "anyOf", flag);
        rule.any.extend(self.compile_all(map, "oneOf", flag));
        rule.all = self.compile_all(map, "allOf", flag);
        rule.values = texts("enum").cloned().chain(map.get("const").cloned()).collect();
        scalars(&mut rule, map);
        self.rules[id] = rule;
    }

    fn compile_all(&mut self, map: &'a Map<String, Value>, key: &str, flag: bool) -> Vec<RuleId> {
        let branches = map.get(key).and_then(Value::as_array).into_iter().flatten();
        branches.map(|schema| self.compile(schema, flag)).collect()
    }
}

fn scalars(rule: &mut Rule, map: &Map<String, Value>) {
    let format = map.get("format").and_then(Value::as_str).unwrap_or_default();
    rule.format = match format {
        "aei-duration" => Some(Format::Duration),
        "aei-size" => Some(Format::Size),
        _ => None,
    };
    if rule.format.is_none() {
        let pattern = map.get("pattern").and_then(Value::as_str);
        // A pattern that only another engine knows is left to the runner.
        rule.pattern = pattern.and_then(|pattern| Regex::new(pattern).ok());
    }
    let number = |key: &str| map.get(key).and_then(Value::as_f64);
    let (low, high) = format_range(format);
    rule.range = Range {
        min: number("minimum").or(low),
        max: number("maximum").or(high),
        above: number("exclusiveMinimum"),
        below: number("exclusiveMaximum"),
    };
    let count = |key: &str| map.get(key).and_then(Value::as_u64);
    rule.sizes = match rule.types {
        Types::STRING => (count("minLength"), count("maxLength")),
        _ => (count("minItems"), count("maxItems")),
    };
}

/// What the type behind a format holds.
fn format_range(format: &str) -> (Option<f64>, Option<f64>) {
    match format {
        "uint8" => (Some(0.0), Some(f64::from(u8::MAX))),
        "uint16" => (Some(0.0), Some(f64::from(u16::MAX))),
        "uint32" => (Some(0.0), Some(f64::from(u32::MAX))),
        "uint" | "uint64" => (Some(0.0), None),
        "int8" => (Some(f64::from(i8::MIN)), Some(f64::from(i8::MAX))),
        "int16" => (Some(f64::from(i16::MIN)), Some(f64::from(i16::MAX))),
        "int32" => (Some(f64::from(i32::MIN)), Some(f64::from(i32::MAX))),
        _ => (None, None),
    }
}
