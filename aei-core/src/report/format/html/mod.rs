//! One self-contained page.

use std::io::Write;

use super::xml::Content;
use super::{Options, WriteError, reasons};
use crate::report::CaseSource;

pub(super) fn write(
    source: &mut dyn CaseSource,
    out: &mut dyn Write,
    _options: &Options<'_>,
) -> Result<(), WriteError> {
    let head = source.head().clone();
    writeln!(out, "<!doctype html><meta charset=utf-8><title>{}</title>", Content(&head.name))?;
    writeln!(out, "<h1>{} · {}</h1><ol>", Content(&head.name), head.status)?;
    source.each_case(&mut |case| {
        write!(out, "<li>{}: {}", Content(&case.name), case.status)?;
        for reason in reasons(case) {
            write!(out, "<pre>{}</pre>", Content(&reason.message))?;
        }
        writeln!(out, "</li>")
    })?;
    writeln!(out, "</ol>")?;
    Ok(out.flush()?)
}
