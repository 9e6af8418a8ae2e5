use aei_core::diagnostic::nearest;
use aei_core::reference;
use aei_core::runner::{Registry, RunnerSpec};
use serde_json::{Value, json};

use super::writing;
use crate::args::RunnersArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::{Table, Terminal, plural};

/// `aei runners`: what kinds there are, what one is told, what it returns.
pub(super) fn run(args: &RunnersArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let registry = aei_runner::registry();
    if let Some(dir) = &args.markdown {
        let pages = reference::pages(&registry);
        for (name, page) in &pages {
            writing::text(Some(&dir.join(name)), page, terminal)?;
        }
        terminal.say(&format!("wrote {} to {}", plural(pages.len(), "page"), dir.display()));
        return Ok(Exit::Passed);
    }
    let chosen = args.kind.as_deref().map(|kind| find(&registry, kind)).transpose()?;
    let text = match (chosen, args.json) {
        (Some(spec), true) => format!("{:#}\n", for_machines(spec)),
        (None, true) => {
            let all: Vec<Value> = registry.iter().map(|r| for_machines(r.spec())).collect();
            format!("{:#}\n", Value::Array(all))
        }
        (Some(spec), false) => page(&registry, spec),
        (None, false) => table(&registry, terminal),
    };
    terminal.print(&text)?;
    Ok(Exit::Passed)
}

fn find<'a>(registry: &'a Registry, kind: &str) -> Result<&'a RunnerSpec, Stop> {
    let runner = registry.get(kind).ok_or_else(|| {
        let known: Vec<&str> = registry.kinds().collect();
        let help = match nearest(kind, known.iter().copied()) {
            Some(like) => format!("did you mean `{like}`?"),
            None => format!("the kinds are {}", known.join(", ")),
        };
        Stop::mistake(format!("there is no step runner `{kind}`")).help(help)
    })?;
    Ok(runner.spec())
}

fn table(registry: &Registry, terminal: &Terminal) -> String {
    let mut table = Table::new(&["kind", "what it does"]);
    for runner in registry.iter() {
        let spec = runner.spec();
        table.row([spec.kind.clone(), first_sentence(&spec.summary).to_owned()]);
    }
    table.wrap().render(terminal.out(), terminal.width())
}

fn first_sentence(text: &str) -> &str {
    let end = [". ", ".\n"].iter().filter_map(|end| text.find(end)).min();
    end.map_or(text, |end| &text[..=end])
}

/// The page of the reference; it reads well as plain text.
fn page(registry: &Registry, spec: &RunnerSpec) -> String {
    let ending = format!("runner-{}.md", spec.kind);
    let pages = reference::pages(registry);
    let page = pages.into_iter().find(|(name, _)| *name == ending);
    page.map_or_else(|| format!("{}\n", spec.summary), |(_, page)| page)
}

fn for_machines(spec: &RunnerSpec) -> Value {
    json!({
        "kind": spec.kind,
        "summary": spec.summary,
        "example": spec.example,
        "params": spec.params,
        "outcome": spec.outcome,
    })
}
