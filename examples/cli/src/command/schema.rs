use aei_core::schema;

use crate::args::{SchemaArgs, SchemaOf};
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// `aei schema`: prints a JSON Schema.
pub(super) fn run(args: &SchemaArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let schema = match args.of {
        SchemaOf::Template => schema::template(&aei_runner::registry()),
        SchemaOf::Event => schema::event(),
        SchemaOf::Report => schema::report(),
        SchemaOf::Policy => aei_core::policy::schema(),
    };
    terminal.print(&format!("{schema:#}\n"))?;
    Ok(Exit::Passed)
}
