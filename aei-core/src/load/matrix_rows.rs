use std::path::Path;

use serde_json::{Map, Value};

use crate::diagnostic::Diagnostic;
use crate::host::Host;
use crate::source::{Node, NodeValue, SourceMap, Span, Syntax, parse};
use crate::template::Matrix;

/// The rows of a matrix's `from` file, each a map of column names to values.
///
/// A `.json` file is a list of maps. Any other is CSV (RFC 4180) with a header line; cells that
/// are a JSON number, `true`, `false` or `null` and nothing else take that type.
pub fn matrix_rows(
    matrix: &Matrix,
    dir: &Path,
    sources: &mut SourceMap,
    host: &dyn Host,
) -> Result<Vec<Map<String, Value>>, Diagnostic> {
    let Some(from) = &matrix.from else { return Ok(Vec::new()) };
    let path = dir.join(&*from.value);
    let bytes = host
        .read(&path)
        .map_err(|error| Diagnostic::error("matrix-file", error.to_string(), from.span))?;
    let name = path.display().to_string();
    if Path::new(&*from.value).extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) {
        let root = parse(sources, &name, bytes, Syntax::Json)?;
        json_rows(&root, from.span)
    } else {
        csv_rows(&name, &bytes, from.span)
    }
}

fn json_rows(root: &Node, from: Span) -> Result<Vec<Map<String, Value>>, Diagnostic> {
    let wrong = |node: &Node, what: &str| {
        Diagnostic::error("matrix-file", format!("{what}, not {}", node.type_name()), node.span)
            .related(from, "used here")
    };
    let NodeValue::List(items) = &root.value else {
        return Err(wrong(root, "a matrix file is a list of maps"));
    };
    let row = |node: &Node| match node.to_value() {
        Value::Object(map) => Ok(map),
        _ => Err(wrong(node, "each row of a matrix file is a map")),
    };
    items.iter().map(row).collect()
}

fn csv_rows(name: &str, bytes: &[u8], from: Span) -> Result<Vec<Map<String, Value>>, Diagnostic> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let wrong = |message: String| Diagnostic::error("matrix-file", message, from);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let broken = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        wrong(format!("`{name}`, line {line}: {error}"))
    };
    let header = reader.headers().map_err(broken)?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let (cells, columns) = (record.len(), header.len());
            return Err(wrong(format!(
                "`{name}`, line {line}: the row has {cells} cells, but the header names {columns}"
            ))
            .help("give every row as many cells as the header; put cells with commas in quotes"));
        }
        let cells = header.iter().zip(&record);
        rows.push(cells.map(|(column, text)| (column.trim().to_owned(), cell(text))).collect());
    }
    Ok(rows)
}

/// `007` and `1e5` stay texts: an id is no number because it has digits.
fn cell(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null))
            if value.to_string() == text =>
        {
            value
        }
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_take_the_type_they_spell() {
        let rows = csv_rows("x.csv", b"a,b,c,d\n1,007,true,\"x, y\"\n", Span::NONE).unwrap();
        let expected = serde_json::json!({ "a": 1, "b": "007", "c": true, "d": "x, y" });
        assert_eq!(Value::Object(rows[0].clone()), expected);
    }

    #[test]
    fn a_ragged_row_is_named_by_its_line() {
        let error = csv_rows("x.csv", b"a,b\n1,2\n3\n", Span::NONE).unwrap_err();
        assert_eq!(error.message, "`x.csv`, line 3: the row has 1 cells, but the header names 2");
        assert!(csv_rows("x.csv", b"a\n\xff\n", Span::NONE).is_err());
    }
}
