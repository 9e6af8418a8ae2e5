use std::sync::Arc;

use aei_core::event::CaseRole;
use aei_core::host::Host;
use aei_runner::{LocalHost, Plan, PlannedCase};
use serde_json::{Value, json};

use super::run::options;
use super::templates;
use crate::args::ListArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::{Table, Terminal};

/// `aei list`: the cases that a run would have.
pub(super) fn run(args: &ListArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let registry = aei_runner::registry();
    let host: Arc<dyn Host> = Arc::new(LocalHost);
    let suites = templates::load_all(&args.templates, &registry, &host, None, terminal)?;
    let options = options::select(&args.select, &args.inputs, &args.runs)?;
    let plan = Plan::new(suites, options, &host)?;
    let cases = plan.cases().filter(|case| case.role == CaseRole::Case);
    let text = if args.json {
        let cases: Vec<Value> = cases.map(|case| for_machines(&case)).collect();
        format!("{:#}\n", Value::Array(cases))
    } else {
        let mut table = Table::new(&["case", "tags", "where", "name"]);
        for case in cases {
            table.row(cells(&case));
        }
        table.render(terminal.out(), terminal.width())
    };
    terminal.print(&text)?;
    Ok(Exit::Passed)
}

fn cells(case: &PlannedCase) -> [String; 4] {
    let place = case.location.as_ref().map_or_else(
        || case.file.clone(),
        |location| format!("{}:{}", location.file, location.line),
    );
    let name = if case.name == case.id { String::new() } else { case.name.clone() };
    [case.id.clone(), case.tags.join(","), place, name]
}

fn for_machines(case: &PlannedCase) -> Value {
    json!({
        "id": case.id,
        "name": case.name,
        "file": case.file,
        "line": case.location.as_ref().map(|location| location.line),
        "tags": case.tags,
        "matrix": case.matrix,
        "needs": case.needs,
    })
}
