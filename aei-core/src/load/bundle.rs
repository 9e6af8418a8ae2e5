//! One file of all that a template needs.

use std::path::Path;

use super::file::{folder_of, join, read_node};
use super::include::include;
use super::matrix_rows::rows_of_file;
use super::suite::{LoadError, failed};
use crate::diagnostic::Diagnostic;
use crate::host::Host;
use crate::source::{Key, Node, NodeValue, SourceMap, Span, to_yaml};

/// Makes one self-contained YAML template: the blocks of included files, the rows of matrix files
/// and the schema files of checks stand in it. Names of files that are expressions stay as they
/// are, as do files that runners and `file()` read.
pub fn bundle(path: &Path, host: &dyn Host) -> Result<String, LoadError> {
    let mut sources = SourceMap::default();
    let mut found = Vec::new();
    let root = match read_node(path, Span::NONE, &mut sources, host) {
        Ok(root) => root,
        Err(mistake) => return Err(LoadError { diagnostics: vec![mistake], sources }),
    };
    let mut root = include(root, path, &mut sources, host, &mut found, None);
    if let NodeValue::Map(entries) = &mut root.value {
        let mut kept = std::mem::take(entries).into_vec();
        kept.retain(|(key, _)| key.name != "include");
        *entries = kept.into_boxed_slice();
    }
    let mut inliner = Inliner { dir: &folder_of(path), sources: &mut sources, host, found };
    inliner.template(&mut root);
    let found = inliner.found;
    if failed(&found) {
        return Err(LoadError { diagnostics: found, sources });
    }
    Ok(to_yaml(&root))
}

struct Inliner<'a> {
    dir: &'a Path,
    sources: &'a mut SourceMap,
    host: &'a dyn Host,
    found: Vec<Diagnostic>,
}

impl Inliner<'_> {
    fn template(&mut self, root: &mut Node) {
        for (key, value) in entries(root) {
            match key.name.as_str() {
                "setup" | "teardown" => self.steps(value),
                "cases" => items(value).iter_mut().for_each(|case| self.case(case)),
                "blocks" => entries(value).iter_mut().for_each(|(_, block)| self.case(block)),
                _ => {}
            }
        }
    }

    /// A case, or a block: its steps have the same name.
    fn case(&mut self, case: &mut Node) {
        for (key, value) in entries(case) {
            match key.name.as_str() {
                "setup" | "steps" | "teardown" => self.steps(value),
                "matrix" => {
                    for from in values(value, "from") {
                        self.replace(from, |path, at, sources, host| {
                            let rows = rows_of_file(path, at, sources, host)?;
                            Ok(Node::new(NodeValue::List(rows.into_boxed_slice()), at))
                        });
                    }
                }
                _ => {}
            }
        }
    }

    fn steps(&mut self, steps: &mut Node) {
        for step in items(steps) {
            for expect in values(step, "expect") {
                for check in items(expect) {
                    for schema in values(check, "schema") {
                        self.replace(schema, read_node);
                    }
                }
            }
        }
    }

    /// Puts the content of a file in place of its name.
    fn replace(
        &mut self,
        node: &mut Node,
        read: impl Fn(&Path, Span, &mut SourceMap, &dyn Host) -> Result<Node, Diagnostic>,
    ) {
        let Some(name) = node.as_str().filter(|name| !name.contains("${{")) else { return };
        match read(&join(self.dir, name), node.span, self.sources, self.host) {
            Ok(content) => *node = content,
            Err(mistake) => self.found.push(mistake),
        }
    }
}

fn entries(node: &mut Node) -> &mut [(Key, Node)] {
    match &mut node.value {
        NodeValue::Map(entries) => entries,
        _ => &mut [],
    }
}

fn items(node: &mut Node) -> &mut [Node] {
    match &mut node.value {
        NodeValue::List(items) => items,
        _ => &mut [],
    }
}

fn values<'n>(node: &'n mut Node, name: &'n str) -> impl Iterator<Item = &'n mut Node> {
    entries(node).iter_mut().filter(move |(key, _)| key.name == name).map(|(_, value)| value)
}
