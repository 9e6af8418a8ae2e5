use std::collections::VecDeque;

use serde_json::Value;

use crate::generate::{GenerateError, Origin, read};

/// No description is spread over more files than this.
const MOST_FILES: usize = 500;
/// No chain of references is longer than this.
const LONGEST_CHAIN: usize = 32;

/// The description and the files that it refers to.
#[derive(Debug)]
pub(super) struct Documents {
    all: Vec<(Origin, Value)>,
    /// Files that could not be read, with the reason.
    pub(super) missing: Vec<(String, String)>,
}

/// A place in the documents.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    documents: &'a Documents,
    document: usize,
    pub(super) value: &'a Value,
}

/// What tells a referenced thing from all others: its document and the pointer to it.
pub(super) type RefId = (usize, String);

impl Documents {
    /// Takes the description and reads all the files that it refers to.
    pub(super) fn load(root: Value, origin: &Origin) -> Self {
        let mut documents = Self { all: Vec::new(), missing: Vec::new() };
        let mut waiting = VecDeque::new();
        foreign_references(&root, origin, &mut waiting);
        documents.all.push((origin.clone(), root));
        let mut seen: Vec<Origin> = vec![origin.clone()];
        while let Some(place) = waiting.pop_front() {
            if seen.contains(&place) || seen.len() >= MOST_FILES {
                continue;
            }
            seen.push(place.clone());
            let tree = place.read().and_then(|content| {
                read::tree(&place.name(), &content)
                    .map_err(|error: GenerateError| error.to_string())
            });
            match tree {
                Ok(tree) => {
                    foreign_references(&tree, &place, &mut waiting);
                    documents.all.push((place, tree));
                }
                Err(reason) => documents.missing.push((place.to_string(), reason)),
            }
        }
        documents
    }

    /// The top of the description.
    pub(super) fn root(&self) -> At<'_> {
        static NOTHING: Value = Value::Null;
        let value = self.all.first().map_or(&NOTHING, |(_, value)| value);
        At { documents: self, document: 0, value }
    }
}

/// Finds the references that lead to other files.
fn foreign_references(value: &Value, origin: &Origin, found: &mut VecDeque<Origin>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                let file = reference.split('#').next().unwrap_or("");
                if let Some(place) = (!file.is_empty()).then(|| origin.join(file)).flatten()
                    && !found.contains(&place)
                {
                    found.push_back(place);
                }
            }
            for value in map.values() {
                foreign_references(value, origin, found);
            }
        }
        Value::Array(items) => {
            for value in items {
                foreign_references(value, origin, found);
            }
        }
        _ => {}
    }
}

impl<'a> At<'a> {
    /// The value of a key.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        self.value.get(key).map(|value| Self { value, ..self })
    }

    /// The value of a key, references followed.
    pub(super) fn find(self, key: &str) -> Option<Self> {
        self.get(key).and_then(|at| at.resolve().ok())
    }

    /// The text of a key.
    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// Whether a key is `true`.
    pub(super) fn flag(self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The entries, when this is a map.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a str, Self)> {
        self.value
            .as_object()
            .into_iter()
            .flatten()
            .map(move |(key, value)| (key.as_str(), Self { value, ..self }))
    }

    /// The elements, when this is a list.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.value.as_array().into_iter().flatten().map(move |value| Self { value, ..self })
    }

    /// What this refers to, and by what id; itself when it is no reference.
    pub(super) fn follow(self) -> Result<(Option<RefId>, Self), String> {
        let Some(reference) = self.text("$ref") else { return Ok((None, self)) };
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let document = self.document_of(file).ok_or_else(|| missing(reference))?;
        let pointer = percent_encoding::percent_decode_str(pointer)
            .decode_utf8()
            .map_err(|_| missing(reference))?;
        let (_, tree) = &self.documents.all[document];
        let value = tree.pointer(&pointer).or_else(|| anchored(tree, &pointer));
        let value = value.ok_or_else(|| missing(reference))?;
        Ok((Some((document, pointer.into_owned())), Self { document, value, ..self }))
    }

    /// What this refers to in the end.
    pub(super) fn resolve(self) -> Result<Self, String> {
        let mut at = self;
        for _ in 0..LONGEST_CHAIN {
            match at.follow()? {
                (None, at) => return Ok(at),
                (Some(_), next) => at = next,
            }
        }
        Err(format!("`{}` refers to itself", self.text("$ref").unwrap_or_default()))
    }

    fn document_of(self, file: &str) -> Option<usize> {
        if file.is_empty() {
            return Some(self.document);
        }
        let place = self.documents.all[self.document].0.join(file)?;
        self.documents.all.iter().position(|(origin, _)| *origin == place)
    }
}

/// The schema with this `$anchor`, a little deep only.
fn anchored<'a>(tree: &'a Value, anchor: &str) -> Option<&'a Value> {
    if anchor.is_empty() || anchor.starts_with('/') {
        return None;
    }
    match tree {
        Value::Object(map) if map.get("$anchor").is_some_and(|name| name == anchor) => Some(tree),
        Value::Object(map) => map.values().find_map(|value| anchored(value, anchor)),
        Value::Array(items) => items.iter().find_map(|value| anchored(value, anchor)),
        _ => None,
    }
}

fn missing(reference: &str) -> String {
    format!("`{reference}` leads nowhere")
}
