use aei_core::diagnostic::{Diagnostic, Severity};
use aei_core::load::load;
use aei_core::source::SourceMap;
use aei_runner::LocalHost;
use serde_json::{Value, json};

use super::templates;
use crate::args::ValidateArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::{Terminal, plural};

/// `aei validate`: every mistake of every template, without running anything.
pub(super) fn run(args: &ValidateArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let registry = aei_runner::registry();
    let mut found = Vec::new();
    let (mut valid, mut told) = (true, false);
    for path in templates::find(&args.templates)? {
        let file = path.display().to_string();
        let (diagnostics, sources, cases) = match load(&path, &registry, &LocalHost) {
            Ok((suite, warnings)) => {
                (warnings, (*suite.sources).clone(), suite.template.cases.len())
            }
            Err(error) => (error.diagnostics, error.sources, 0),
        };
        let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        let bad = errors > 0 || (args.strict && !diagnostics.is_empty());
        valid &= !bad;
        if args.json {
            found.extend(diagnostics.iter().map(|d| for_machines(d, &sources, &file)));
            continue;
        }
        if !diagnostics.is_empty() {
            if std::mem::replace(&mut told, true) {
                terminal.say("");
            }
            terminal.diagnose(&diagnostics, &sources);
        }
        terminal.print(&verdict(&file, &diagnostics, (!bad).then_some(cases), terminal))?;
    }
    if args.json {
        terminal.print(&format!("{:#}\n", Value::Array(found)))?;
    }
    Ok(if valid { Exit::Passed } else { Exit::Mistake })
}

fn verdict(file: &str, found: &[Diagnostic], cases: Option<usize>, terminal: &Terminal) -> String {
    let paint = terminal.out();
    let errors = found.iter().filter(|d| d.severity == Severity::Error).count();
    let warnings = found.len() - errors;
    let mut words = Vec::new();
    if let Some(cases) = cases {
        words.push(plural(cases, "case"));
    }
    if errors > 0 {
        words.push(plural(errors, "mistake"));
    }
    if warnings > 0 {
        words.push(plural(warnings, "warning"));
    }
    let sign = if cases.is_some() { paint.good("✓ valid  ") } else { paint.bad("✗ invalid") };
    format!("{sign} {file}: {}\n", words.join(", "))
}

fn for_machines(diagnostic: &Diagnostic, sources: &SourceMap, file: &str) -> Value {
    let place = sources.position(diagnostic.span);
    json!({
        "file": place.as_ref().map_or(file, |place| place.file.as_str()),
        "line": place.as_ref().map(|place| place.line),
        "column": place.as_ref().map(|place| place.column),
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "code": diagnostic.code,
        "message": diagnostic.message,
        "help": diagnostic.help,
    })
}
