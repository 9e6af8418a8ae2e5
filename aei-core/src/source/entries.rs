//! Building of maps without duplicate keys.

use std::collections::HashMap;

use compact_str::CompactString;
use smallvec::SmallVec;

use super::{Diagnostic, Key, Node, NodeValue};

/// Below this, looking through all keys is faster than hashing them.
const SMALL: usize = 16;

/// What a list or map is gathered in: most are short, and then the only memory they take from the
/// heap is a slice of their exact size.
pub(super) type Gathered<T> = SmallVec<[T; 8]>;

/// A slice of exact size. Collecting would allocate room for four and give some back, which leaves
/// the heap full of holes.
pub(super) fn exact<T>(gathered: Gathered<T>) -> Box<[T]> {
    if gathered.spilled() {
        return gathered.into_boxed_slice();
    }
    let mut items = Vec::with_capacity(gathered.len());
    items.extend(gathered);
    items.into_boxed_slice()
}

/// The entries of a map under construction.
#[derive(Default)]
pub(super) struct MapBuilder {
    entries: Gathered<(Key, Node)>,
    places: HashMap<CompactString, usize>,
}

impl MapBuilder {
    pub(super) fn get(&self, name: &str) -> Option<&Key> {
        let entry = if self.places.is_empty() {
            self.entries.iter().find(|(key, _)| key.name == name)
        } else {
            self.places.get(name).and_then(|&at| self.entries.get(at))
        };
        entry.map(|(key, _)| key)
    }

    /// Refuses a key that is already there, pointing at both.
    pub(super) fn check(&self, key: &Key) -> Result<(), Diagnostic> {
        let Some(first) = self.get(&key.name) else { return Ok(()) };
        let message = format!("the key `{}` is there twice", key.name);
        Err(Diagnostic::error("duplicate-key", message, key.span)
            .label("again here")
            .related(first.span, "first here"))
    }

    pub(super) fn push(&mut self, key: Key, node: Node) {
        if self.entries.len() == SMALL {
            let names = self.entries.iter().map(|(key, _)| key.name.clone());
            self.places = names.zip(0..).collect();
        }
        if self.entries.len() >= SMALL {
            self.places.insert(key.name.clone(), self.entries.len());
        }
        self.entries.push((key, node));
    }

    pub(super) fn finish(self) -> NodeValue {
        NodeValue::Map(exact(self.entries))
    }
}
