use std::fmt::Write;

use super::{checks, expressions, runner, template};
use crate::runner::Registry;

/// All pages: file names with their Markdown. The first is the list of the others.
pub fn pages(registry: &Registry) -> Vec<(String, String)> {
    let mut index = String::from(
        "# Reference\n\nMade by `aei runners --markdown docs/reference`; do not edit by hand.\n\n\
         - [Template](template.md): every key\n\
         - [Checks](checks.md): every operator of `expect`, a page each\n\
         - [Expressions](expressions.md): what `${{ }}` can hold\n\nStep runners:\n\n",
    );
    let mut all = vec![
        ("template.md".to_owned(), template::page()),
        ("expressions.md".to_owned(), expressions::page()),
    ];
    all.extend(checks::pages());
    for spec in registry.iter().map(|runner| runner.spec()) {
        let name = format!("runner-{}.md", spec.kind);
        let _ = writeln!(index, "- [`{}`]({name}): {}", spec.kind, runner::summary(spec));
        all.push((name, runner::page(spec)));
    }
    all.insert(0, ("README.md".to_owned(), index));
    all
}
