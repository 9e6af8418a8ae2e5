use std::path::Path;

use super::kinds::{BLOCK, unknown_kind};
use super::{names, needs};
use crate::diagnostic::Diagnostic;
use crate::host::Host;
use crate::runner::Registry;
use crate::source::SourceMap;
use crate::template::{Step, Template};

/// Looks at what a schema cannot say of a template.
///
/// `dir` is the template's folder: files that it names are read through `host`.
pub fn meaning(
    template: &Template,
    _sources: &SourceMap,
    registry: &Registry,
    _dir: &Path,
    _host: &dyn Host,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    names::check(template, &mut found);
    needs::check(template, &mut found);
    for step in all_steps(template) {
        let uses = &step.uses;
        if !uses.starts_with(BLOCK) && registry.get(uses).is_none() {
            found.push(unknown_kind(uses, uses.span, registry));
        }
    }
    super::sorted(found)
}

fn all_steps(template: &Template) -> impl Iterator<Item = &Step> {
    let cases = template.cases.iter().flat_map(|case| [&case.setup, &case.steps, &case.teardown]);
    let blocks = template.blocks.iter().map(|(_, block)| &block.steps);
    [&template.setup, &template.teardown].into_iter().chain(cases).chain(blocks).flatten()
}
