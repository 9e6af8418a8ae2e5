use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::load::LoadError;
use crate::source::{Node, SourceMap, Syntax, parse};

/// Whether a template needs no other file to be loaded: no `include`, no matrix file, no schema
/// file. Otherwise somebody could change what it does without touching what was signed.
///
/// # Errors
/// Every place where it names another file.
pub fn self_contained(path: &Path, bytes: Vec<u8>) -> Result<(), LoadError> {
    let mut sources = SourceMap::default();
    let name = path.display().to_string();
    let diagnostics = match parse(&mut sources, &name, bytes, Syntax::of_path(&name)) {
        Ok(root) => {
            let mut found = Vec::new();
            template(&root, &mut found);
            found
        }
        Err(mistake) => vec![mistake],
    };
    if diagnostics.is_empty() { Ok(()) } else { Err(LoadError { diagnostics, sources }) }
}

fn template(root: &Node, found: &mut Vec<Diagnostic>) {
    for file in list(root.get("include")) {
        found.push(elsewhere(file, "includes another file"));
    }
    steps(root, found);
    for case in list(root.get("cases")) {
        steps(case, found);
    }
    for (_, block) in root.get("blocks").and_then(Node::as_map).unwrap_or_default() {
        steps(block, found);
    }
}

/// The matrix and the steps of a case, of a block, or of the template.
fn steps(owner: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(from) = owner.get("matrix").and_then(|matrix| matrix.get("from"))
        && from.as_str().is_some()
    {
        found.push(elsewhere(from, "takes its matrix from another file"));
    }
    let phases = ["setup", "steps", "teardown"].into_iter();
    for step in phases.flat_map(|phase| list(owner.get(phase))) {
        for check in list(step.get("expect")) {
            if let Some(schema) = check.get("schema").filter(|schema| schema.as_str().is_some()) {
                found.push(elsewhere(schema, "takes a schema from another file"));
            }
        }
    }
}

fn list(node: Option<&Node>) -> &[Node] {
    node.and_then(Node::as_list).unwrap_or_default()
}

fn elsewhere(node: &Node, what: &str) -> Diagnostic {
    let message = format!("the template {what}, which a signature would not cover");
    Diagnostic::error("not-self-contained", message, node.span)
        .help("make one file of all by `aei bundle TEMPLATE --output FILE`, and sign that")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> usize {
        let result = self_contained("t.aei.yaml".as_ref(), text.into());
        result.err().map_or(0, |error| error.diagnostics.len())
    }

    #[test]
    fn what_names_other_files_is_found_wherever_it_stands() {
        let good = "cases: [{ id: a, matrix: { from: [{ x: 1 }] }, \
                    steps: [{ uses: assert, expect: [{ that: $, schema: { type: object } }] }] }]";
        assert_eq!(mistakes(good), 0);
        let check = "expect: [{ that: $, schema: s.json }]";
        let bad = format!(
            "include: [a.yaml]\nsetup: [{{ uses: assert, {check} }}]\n\
             cases: [{{ id: a, matrix: {{ from: u.csv }}, teardown: [{{ uses: assert, {check} }}] }}]\n\
             blocks: {{ b: {{ steps: [{{ uses: assert, {check} }}] }} }}"
        );
        assert_eq!(mistakes(&bad), 5);
    }
}
