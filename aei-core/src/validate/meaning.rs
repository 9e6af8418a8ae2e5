use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::blocks::{Blocks, Gives};
use super::kinds::unknown_kind;
use super::scope::{Known, Names, PLAN, RUN, UNFOLD};
use super::steps::Steps;
use super::texts::Texts;
use super::{blocks, cases, inputs, matrix, names, needs};
use crate::diagnostic::Diagnostic;
use crate::host::Host;
use crate::runner::Registry;
use crate::source::SourceMap;
use crate::template::{Case, Step, Template};

/// Looks at what a schema cannot say of a template: names that refer to nothing, circles,
/// expressions, selectors, operands, cases that cannot run.
///
/// `dir` is the template's folder: files that it names are read through `host`.
pub fn meaning(
    template: &Template,
    sources: &SourceMap,
    registry: &Registry,
    dir: &Path,
    host: &dyn Host,
) -> Vec<Diagnostic> {
    let mut steps = Steps {
        texts: Texts::new(sources, registry),
        blocks: Blocks::new(template),
        registry,
        dir,
        host,
        files: BTreeMap::new(),
    };
    let found = &mut steps.texts.found;
    names::check(template, found);
    needs::check(template, found);
    blocks::recursion(template, found);
    inputs::check(&template.inputs, found);
    template.blocks.iter().for_each(|(_, block)| inputs::check(&block.inputs, found));
    if template.cases.is_empty() {
        let message = "the template has no cases";
        found.push(Diagnostic::warning("no-cases", message, template.span.part(0, 1)));
    }

    let none = BTreeSet::new();
    let base = base(template, &none);
    let mut setup = base.clone();
    steps.walk(&[&template.setup], &mut setup);
    let captured = setup.vars;
    let base = Names { setup: &captured, ..base };

    let mut counts = Vec::with_capacity(template.cases.len());
    let mut all_matrix = Known::These(Vec::new());
    for case in &template.cases {
        let (names, count) = case_names(case, &base, sources, &mut steps);
        all_matrix.join(&names.matrix);
        counts.push(count);
        one_case(case, names, &mut steps);
    }
    cases::reach(template, &counts, &mut steps.texts.found);
    steps.walk(&[&template.teardown], &mut base.clone());
    shared(template, &base, &all_matrix, &mut steps);
    super::sorted(steps.texts.found)
}

/// The names that there are in all of a run.
fn base<'a>(template: &'a Template, none: &'a BTreeSet<&'a str>) -> Names<'a> {
    Names {
        roots: RUN,
        why: "",
        inputs: &template.inputs,
        env: &template.env,
        matrix: Known::These(Vec::new()),
        setup: none,
        vars: BTreeSet::new(),
        steps: BTreeMap::new(),
        ids: BTreeSet::new(),
    }
}

/// The names of a case, and how many combinations it has.
fn case_names<'a>(
    case: &'a Case,
    base: &Names<'a>,
    sources: &SourceMap,
    steps: &mut Steps<'a>,
) -> (Names<'a>, Option<u64>) {
    let Some(matrix) = case.matrix.as_deref() else { return (base.clone(), Some(1)) };
    let why = "the matrix is unfolded before anything runs";
    let plan = Names { roots: UNFOLD, why, ..base.clone() };
    let nodes = matrix.axes.iter().map(|(_, axis)| axis);
    for node in nodes.chain(&matrix.include).chain(&matrix.exclude) {
        steps.texts.node(node, &plan);
    }
    let found = &mut steps.texts.found;
    let unfolded = matrix::check(matrix, sources, steps.dir, steps.host, found);
    (Names { matrix: unfolded.names, ..base.clone() }, unfolded.count)
}

fn one_case<'a>(case: &'a Case, mut names: Names<'a>, steps: &mut Steps<'a>) {
    cases::check(case, &mut steps.texts.found);
    if case.name.is_some() || !case.resources.is_empty() {
        let why = "it is worked out before anything runs";
        let plan = Names { roots: PLAN, why, ..names.clone() };
        for text in case.name.iter().chain(&case.resources) {
            steps.texts.text(text, text.span, &plan);
        }
    }
    if let Some(condition) = &case.condition {
        steps.texts.condition(condition, condition.span, &names, false);
    }
    steps.walk(&[&case.setup, &case.steps, &case.teardown], &mut names);
}

/// Blocks and defaults: used from many places, so that every name that any place has will do.
fn shared<'a>(template: &'a Template, base: &Names<'a>, matrix: &Known<'a>, steps: &mut Steps<'a>) {
    if template.blocks.is_empty() && template.defaults.with.is_empty() {
        return;
    }
    let mut all = Gives::default();
    for step in all_steps(template) {
        steps.blocks.of_step(step, &mut all);
    }
    let everywhere = Names { matrix: matrix.clone(), vars: all.vars, ..base.clone() };
    for (kind, with) in template.defaults.with.iter() {
        if steps.registry.get(kind).is_none() {
            let mistake = unknown_kind(kind, kind.span, steps.registry);
            steps.texts.found.push(mistake);
        }
        let names = Names { steps: all.steps.clone(), ..everywhere.clone() };
        steps.texts.node(with, &names);
    }
    for (_, block) in template.blocks.iter() {
        let own: BTreeSet<&str> =
            block.steps.iter().filter_map(|step| Some(&*step.id.as_ref()?.value)).collect();
        let mut others = all.steps.clone();
        others.retain(|id, _| !own.contains(id));
        let mut names = Names { inputs: &block.inputs, steps: others, ..everywhere.clone() };
        steps.walk(&[&block.steps], &mut names);
    }
}

fn all_steps(template: &Template) -> impl Iterator<Item = &Step> {
    let cases = template.cases.iter().flat_map(|case| [&case.setup, &case.steps, &case.teardown]);
    let blocks = template.blocks.iter().map(|(_, block)| &*block.steps);
    let cases = cases.map(|steps| &**steps);
    let own = [&*template.setup, &*template.teardown].into_iter();
    own.chain(cases).chain(blocks).flatten()
}
