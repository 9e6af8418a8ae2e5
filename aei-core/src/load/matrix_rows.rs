//! The rows of a matrix's `from:`.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value};

use super::file::{join, name_of, read_bytes};
use crate::diagnostic::Diagnostic;
use crate::host::Host;
use crate::source::{Node, SourceFile, SourceMap, Span, Syntax, parse, parse_text};
use crate::template::Matrix;

/// One combination of values.
type Row = Map<String, Value>;

/// The rows of a matrix's `from:`, a file beside the template or a list; none without it.
///
/// A CSV file begins with the names of its columns. Its cells are strings, unless they are spelled
/// exactly as JSON writes a number, `true`, `false` or `null`.
/// A JSON file holds a list of maps.
pub fn matrix_rows(
    matrix: &Matrix,
    dir: &Path,
    sources: &mut SourceMap,
    host: &dyn Host,
) -> Result<Vec<Row>, Diagnostic> {
    let Some(from) = &matrix.from else {
        return matrix.rows.iter().map(row).collect();
    };
    let rows = rows_of_file(&join(dir, from), from.span, sources, host);
    let rows = rows.and_then(|rows| rows.iter().map(row).collect());
    rows.map_err(|mistake| {
        let named = mistake.span == from.span;
        if named { mistake } else { mistake.related(from.span, "read from here") }
    })
}

fn row(node: &Node) -> Result<Row, Diagnostic> {
    if let Value::Object(row) = node.to_value() {
        return Ok(row);
    }
    let message = format!("a row is a map, and this is {}", node.type_name());
    Err(Diagnostic::error("matrix-file", message, node.span))
}

/// The rows of a file, with their places.
pub(super) fn rows_of_file(
    path: &Path,
    at: Span,
    sources: &mut SourceMap,
    host: &dyn Host,
) -> Result<Vec<Node>, Diagnostic> {
    let name = name_of(path);
    let is = |extension| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension));
    if is("csv") {
        let bytes = read_bytes(path, at, sources, host)?;
        return csv_rows(&*parse_text(sources, &name, bytes)?);
    }
    if !is("json") {
        let message = format!("`{name}` is neither a `.csv` nor a `.json` file");
        return Err(Diagnostic::error("matrix-file", message, at));
    }
    let bytes = read_bytes(path, at, sources, host)?;
    let node = parse(sources, &name, bytes, Syntax::Json)?;
    let span = node.span;
    let Some(rows) = node.into_list() else {
        let message = "a matrix file holds a list of maps";
        return Err(Diagnostic::error("matrix-file", message, span));
    };
    rows.iter().try_for_each(|node| row(node).map(drop))?;
    Ok(rows)
}

fn csv_rows(file: &SourceFile) -> Result<Vec<Node>, Diagnostic> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(file.text.as_bytes());
    let mut records = reader.records();
    let broken = |error: &csv::Error| {
        let at = error.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or_default());
        Diagnostic::error("matrix-file", error.to_string(), line_at(file, at))
    };
    let Some(header) = records.next() else {
        let message = "a CSV file begins with the names of its columns, and this one is empty";
        return Err(Diagnostic::error("matrix-file", message, file.span(0, 0)));
    };
    let header = header.map_err(|error| broken(&error))?;
    let header_span = span_of(file, &header);
    let mut seen = HashSet::new();
    for name in &header {
        if name.is_empty() {
            let message = "a column has no name";
            return Err(Diagnostic::error("matrix-file", message, header_span));
        }
        if !seen.insert(name) {
            let message = format!("two columns are called `{name}`");
            return Err(Diagnostic::error("matrix-file", message, header_span));
        }
    }
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|error| broken(&error))?;
        let span = span_of(file, &record);
        if record.len() != header.len() {
            let (here, wanted) = (cells(record.len()), header.len());
            let message = format!("this row has {here}, and the header has {wanted}");
            return Err(Diagnostic::error("matrix-file", message, span)
                .help("text that holds a comma stands in double quotes")
                .related(header_span, "the header"));
        }
        let pairs = header.iter().zip(&record);
        rows.push(Node::map(pairs.map(|(name, text)| (name, cell(text))), span));
    }
    Ok(rows)
}

fn cells(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}

/// A cell's value. `007`, `1.10` and `1e5` stay text: not all that has digits is a number.
fn cell(text: &str) -> Value {
    let value = serde_json::from_str(text).unwrap_or_default();
    match &value {
        Value::Number(_) | Value::Bool(_) | Value::Null => {
            let spelled = value.to_string();
            if spelled == text { value } else { text.into() }
        }
        _ => text.into(),
    }
}

fn span_of(file: &SourceFile, record: &csv::StringRecord) -> Span {
    let at = record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or_default());
    line_at(file, at)
}

/// The line at a place; the reader counts the ends of lines before a record to it.
fn line_at(file: &SourceFile, at: usize) -> Span {
    let rest = file.text.get(at..).unwrap_or_default();
    let start = at + rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let line = file.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    file.span(start, start + line.len())
}
