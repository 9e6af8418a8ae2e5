//! Schemas of a description as JSON Schemas that stand on their own, for checks.
//!
//! References are written out in place. What refers to itself goes to `$defs`; a schema that would
//! grow too large has all that it refers to there, or, past any sense, only its top.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::documents::{At, RefId};
use super::keyword;
use crate::generate::note::Notes;

/// A schema written in place has at most this many parts, one with `$defs` that many.
const INLINE_PARTS: usize = 400;
const DEFS_PARTS: usize = 4000;
const DEEPEST: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// References are written out in place.
    Inline,
    /// References lead to `$defs`.
    Defs,
    /// References below the top are not carried over.
    Top,
}

/// The schema on its own, and notes on what it could not keep.
pub(super) fn standalone(schema: At<'_>, notes: &mut Notes) -> Value {
    for (mode, limit) in [(Mode::Inline, INLINE_PARTS), (Mode::Defs, DEFS_PARTS)] {
        let mut writer = Writer::new(mode, limit);
        let value = writer.document(schema);
        if writer.left > 0 {
            writer.tell(notes);
            return value;
        }
    }
    let mut writer = Writer::new(Mode::Top, usize::MAX);
    let value = writer.document(schema);
    notes.add("the response schema is too large; only its top level is checked");
    writer.tell(notes);
    value
}

struct Writer<'a> {
    mode: Mode,
    /// How many more parts may be written.
    left: usize,
    depth: usize,
    /// References being written out.
    open: Vec<RefId>,
    names: HashMap<RefId, String>,
    taken: HashSet<String>,
    waiting: Vec<(String, RefId, At<'a>)>,
    notes: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(mode: Mode, left: usize) -> Self {
        Self {
            mode,
            left,
            depth: 0,
            open: Vec::new(),
            names: HashMap::new(),
            taken: HashSet::new(),
            waiting: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn tell(self, notes: &mut Notes) {
        for note in self.notes {
            notes.add(note);
        }
    }

    fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    fn document(&mut self, schema: At<'a>) -> Value {
        let mut value = self.top(schema);
        let mut defs = Map::new();
        while let Some((name, id, schema)) = self.waiting.pop() {
            self.open = vec![id];
            let written = self.plain(schema);
            defs.insert(name, written);
        }
        if !defs.is_empty() {
            if let Value::Bool(_) = value {
                value = json!({});
            }
            if let Value::Object(map) = &mut value {
                map.insert("$defs".to_owned(), Value::Object(defs));
            }
        }
        value
    }

    /// The top is written out in every mode.
    fn top(&mut self, schema: At<'a>) -> Value {
        let mut at = schema;
        for _ in 0..32 {
            match at.follow() {
                Ok((None, found)) => return self.plain(found),
                Ok((Some(id), found)) => {
                    self.open.push(id);
                    at = found;
                }
                Err(reason) => {
                    self.note(reason);
                    break;
                }
            }
        }
        json!({})
    }

    fn schema(&mut self, schema: At<'a>) -> Value {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || self.depth > DEEPEST {
            return Value::Bool(true);
        }
        if schema.text("$ref").is_none() {
            return self.plain(schema);
        }
        let referred = self.reference(schema);
        let siblings: Map<String, Value> = schema
            .entries()
            .filter(|(key, _)| *key != "$ref")
            .filter_map(|(key, at)| self.keyword(key, at))
            .collect();
        if siblings.is_empty() {
            return referred;
        }
        let mut map = siblings;
        match map.get_mut("allOf") {
            Some(Value::Array(all)) => all.push(referred),
            _ => {
                map.insert("allOf".to_owned(), json!([referred]));
            }
        }
        Value::Object(map)
    }

    fn reference(&mut self, schema: At<'a>) -> Value {
        let (id, target) = match schema.follow() {
            Ok((Some(id), target)) => (id, target),
            Ok((None, target)) => return self.plain(target),
            Err(reason) => {
                self.note(reason);
                return Value::Bool(true);
            }
        };
        if self.mode == Mode::Top {
            return Value::Bool(true);
        }
        if self.mode == Mode::Inline && !self.open.contains(&id) {
            self.open.push(id);
            let value = self.schema(target);
            self.open.pop();
            return value;
        }
        let name = self.name(id, target);
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn name(&mut self, id: RefId, target: At<'a>) -> String {
        if let Some(name) = self.names.get(&id) {
            return name.clone();
        }
        let last = id.1.rsplit('/').next().unwrap_or_default();
        let mut name: String =
            last.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            "Schema".clone_into(&mut name);
        }
        let stem = name.clone();
        let mut count = 1;
        while !self.taken.insert(name.clone()) {
            count += 1;
            name = format!("{stem}{count}");
        }
        self.names.insert(id.clone(), name.clone());
        self.waiting.push((name.clone(), id, target));
        name
    }

    /// A schema that is no reference.
    fn plain(&mut self, schema: At<'a>) -> Value {
        if schema.text("$ref").is_some() {
            return self.schema(schema);
        }
        if let Value::Bool(all) = schema.value {
            return Value::Bool(*all);
        }
        self.depth += 1;
        let mut map: Map<String, Value> =
            schema.entries().filter_map(|(key, at)| self.keyword(key, at)).collect();
        self.depth -= 1;
        keyword::modernise(schema, &mut map);
        Self::write_only(schema, &mut map);
        if schema.get("discriminator").is_some() {
            self.note("`discriminator` is not checked");
        }
        Value::Object(map)
    }

    /// What is only ever sent cannot be required of a response.
    fn write_only(schema: At<'a>, map: &mut Map<String, Value>) {
        let Some(properties) = schema.get("properties") else { return };
        for (name, property) in properties.entries() {
            if !property.resolve().is_ok_and(|property| property.flag("writeOnly")) {
                continue;
            }
            if let Some(Value::Object(kept)) = map.get_mut("properties") {
                kept.shift_remove(name);
            }
            if let Some(Value::Array(required)) = map.get_mut("required") {
                required.retain(|other| other != name);
            }
        }
        if map.get("required").is_some_and(|list| list.as_array().is_some_and(Vec::is_empty)) {
            map.shift_remove("required");
        }
    }

    fn keyword(&mut self, key: &str, at: At<'a>) -> Option<(String, Value)> {
        use keyword::Kind;

        let value = match keyword::kind(key)? {
            Kind::Plain => match keyword::plain(key, at.value) {
                Ok(value) => value?,
                Err(note) => {
                    self.note(note);
                    return None;
                }
            },
            Kind::Schema if at.value.is_array() => {
                // `items: [a, b]` of old drafts.
                let items: Vec<Value> = at.items().map(|item| self.schema(item)).collect();
                return (!items.is_empty()).then(|| ("prefixItems".to_owned(), items.into()));
            }
            Kind::Schema if at.value.is_object() || at.value.is_boolean() => self.schema(at),
            Kind::Schemas => {
                let items: Vec<Value> = at.items().map(|item| self.schema(item)).collect();
                if items.is_empty() {
                    return None;
                }
                items.into()
            }
            Kind::SchemaMap if at.value.is_object() => {
                let map: Map<String, Value> = at
                    .entries()
                    .filter(|(name, _)| {
                        key != "patternProperties" || regex::Regex::new(name).is_ok()
                    })
                    .map(|(name, item)| (name.to_owned(), self.schema(item)))
                    .collect();
                Value::Object(map)
            }
            Kind::Schema | Kind::SchemaMap => return None,
        };
        Some((key.to_owned(), value))
    }
}
