//! `include`: the blocks of other files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::file::{folder_of, join, read_node};
use crate::diagnostic::{Diagnostic, nearest};
use crate::host::Host;
use crate::runner::Registry;
use crate::source::{Key, Node, NodeValue, SourceMap, Span};
use crate::validate::shape;

/// What an included file may hold.
const KEYS: [&str; 5] = ["aei", "name", "description", "blocks", "include"];

/// Adds the blocks of all files that a template includes, and of those that they include.
/// Mistakes are added to `found`; those of shape only with the kinds to `check` by.
pub(super) fn include(
    mut root: Node,
    path: &Path,
    sources: &mut SourceMap,
    host: &dyn Host,
    found: &mut Vec<Diagnostic>,
    check: Option<&Registry>,
) -> Node {
    let own = entries(root.get("blocks")).iter().map(|(key, _)| key.clone());
    let mut walk = Walk {
        sources,
        host,
        found,
        check,
        names: own.map(|key| (key.name.to_string(), key.span)).collect(),
        blocks: Vec::new(),
        done: HashMap::new(),
        open: vec![(join(Path::new(""), &path.to_string_lossy()), root.span)],
    };
    walk.files_of(&root, path);
    let blocks = walk.blocks;
    if !blocks.is_empty() {
        add_blocks(&mut root, blocks);
    }
    root
}

struct Walk<'a> {
    sources: &'a mut SourceMap,
    host: &'a dyn Host,
    found: &'a mut Vec<Diagnostic>,
    /// Whether the shape of included files is checked, and with which kinds.
    check: Option<&'a Registry>,
    /// Where each block is defined.
    names: HashMap<String, Span>,
    blocks: Vec<(Key, Node)>,
    /// Files read to their end, so that two files may include the same third one.
    done: HashMap<PathBuf, Span>,
    /// Files being read, each with where it is included.
    open: Vec<(PathBuf, Span)>,
}

impl Walk<'_> {
    fn files_of(&mut self, node: &Node, path: &Path) {
        let folder = folder_of(path);
        let Some(files) = node.get("include").and_then(Node::as_list) else { return };
        for entry in files {
            if let Some(name) = entry.as_str() {
                self.file(&join(&folder, name), entry.span);
            }
        }
    }

    fn file(&mut self, path: &Path, at: Span) {
        if let Some(round) = self.open.iter().position(|(open, _)| open == path) {
            let mut mistake =
                Diagnostic::error("include-cycle", "this file includes itself in the end", at);
            for (_, link) in &self.open[round + 1..] {
                mistake = mistake.related(*link, "by way of this include");
            }
            self.found.push(mistake);
            return;
        }
        if self.done.insert(path.to_owned(), at).is_some() {
            return;
        }
        match read_node(path, at, self.sources, self.host) {
            Err(mistake) => self.found.push(mistake),
            Ok(node) => {
                self.check_keys(&node);
                self.open.push((path.to_owned(), at));
                self.files_of(&node, path);
                self.open.pop();
                self.take_blocks(node);
            }
        }
    }

    fn check_keys(&mut self, node: &Node) {
        let mistakes = self.check.map(|registry| shape(node, registry)).unwrap_or_default();
        let told: Vec<Span> = mistakes.iter().map(|mistake| mistake.span).collect();
        self.found.extend(mistakes);
        let Some(entries) = node.as_map() else {
            let message = format!("an included file is a map, and this is {}", node.type_name());
            self.found.push(Diagnostic::error("shape", message, node.span));
            return;
        };
        for (key, _) in entries {
            if KEYS.contains(&key.name.as_str()) || told.contains(&key.span) {
                continue;
            }
            let message = format!("an included file cannot hold `{}`", key.name);
            let mistake = Diagnostic::error("unknown-key", message, key.span);
            self.found.push(match nearest(&key.name, KEYS) {
                Some(name) => mistake.help(format!("did you mean `{name}`?")),
                None => mistake.help("it can hold `blocks`, and `include` for further files"),
            });
        }
    }

    fn take_blocks(&mut self, node: Node) {
        let NodeValue::Map(entries) = node.value else { return };
        let blocks = entries.into_iter().find(|(key, _)| key.name == "blocks");
        let Some((_, Node { value: NodeValue::Map(blocks), .. })) = blocks else { return };
        for (key, block) in blocks {
            if let Some(&first) = self.names.get(key.name.as_str()) {
                let message = format!("the block `{}` is defined twice", key.name);
                let mistake = Diagnostic::error("duplicate-block", message, key.span);
                self.found.push(mistake.related(first, "first here"));
                continue;
            }
            self.names.insert(key.name.to_string(), key.span);
            self.blocks.push((key, block));
        }
    }
}

fn entries(node: Option<&Node>) -> &[(Key, Node)] {
    node.and_then(Node::as_map).unwrap_or_default()
}

fn add_blocks(root: &mut Node, added: Vec<(Key, Node)>) {
    let span = root.span;
    let NodeValue::Map(entries) = &mut root.value else { return };
    match entries.iter_mut().find(|(key, _)| key.name == "blocks") {
        Some((_, Node { value: NodeValue::Map(blocks), .. })) => {
            let all = std::mem::take(blocks).into_iter().chain(added);
            *blocks = all.collect();
        }
        // A mistake that the check of shapes tells.
        Some(_) => {}
        None => {
            let key = Key { name: "blocks".into(), span };
            let blocks = Node::new(NodeValue::Map(added.into_boxed_slice()), span);
            *entries = std::mem::take(entries).into_iter().chain([(key, blocks)]).collect();
        }
    }
}
