//! Matrices: their axes are lists, and their combinations are some, but not too many.

use std::path::Path;

use serde_json::Value;

use super::scope::Known;
use super::words::help_for;
use crate::diagnostic::Diagnostic;
use crate::host::Host;
use crate::load::matrix_rows;
use crate::source::{Node, SourceMap, Span};
use crate::template::Matrix;

/// Products up to here are looked at one by one to see what `exclude` leaves.
const LOOK: u64 = 10_000;

/// What is known of a matrix.
pub(super) struct Unfolded<'a> {
    /// Its names.
    pub(super) names: Known<'a>,
    /// How many combinations it has, if that can be told.
    pub(super) count: Option<u64>,
}

/// Looks at a matrix.
pub(super) fn check<'a>(
    matrix: &'a Matrix,
    sources: &SourceMap,
    dir: &Path,
    host: &dyn Host,
    found: &mut Vec<Diagnostic>,
) -> Unfolded<'a> {
    let mut names = Known::These(matrix.axes.keys().collect());
    let mut count = Some(1_u64);
    for (name, axis) in matrix.axes.iter() {
        let of_axis = match (axis.as_list(), axis.as_str()) {
            (Some(values), _) => Some(values.len() as u64),
            (None, Some(text)) if text.contains("${{") => None,
            _ => {
                let message = format!("the axis `{name}` must be a list, not {}", axis.type_name());
                found.push(
                    Diagnostic::error("matrix", message, axis.span)
                        .help("write a list, or an expression that gives one"),
                );
                None
            }
        };
        count = count.zip(of_axis).map(|(all, own)| all.saturating_mul(own));
    }
    let mut columns = None;
    if has_rows(matrix) {
        let span = matrix.from.as_ref().map_or(matrix.span, |from| from.span);
        columns = rows(matrix, span, sources, dir, host, found);
        let rows = columns.as_ref().map(|(_, rows)| *rows);
        count = count.zip(rows).map(|(all, rows)| all.saturating_mul(rows));
    }
    if matrix.axes.is_empty() && !has_rows(matrix) {
        count = Some(0);
    }
    for row in matrix.include.iter().chain(&matrix.exclude) {
        if row.as_map().is_none() {
            let message = format!("a combination must be a map, not {}", row.type_name());
            found.push(Diagnostic::error("matrix", message, row.span));
        }
    }
    excluded(matrix, columns.as_ref().map(|(names, _)| names.as_slice()), found);
    for (key, _) in matrix.include.iter().filter_map(Node::as_map).flatten() {
        names.add(&key.name);
    }
    if has_rows(matrix) {
        names = match columns {
            Some((columns, _)) => {
                Known::Columns(names.names().map(str::to_owned).chain(columns).collect())
            }
            None => Known::Anything,
        };
    }
    let count = count.map(|count| kept(matrix, count) + matrix.include.len() as u64);
    Unfolded { names, count }
}

fn has_rows(matrix: &Matrix) -> bool {
    matrix.from.is_some() || !matrix.rows.is_empty()
}

/// The names and the number of the rows of `from`.
fn rows(
    matrix: &Matrix,
    span: Span,
    sources: &SourceMap,
    dir: &Path,
    host: &dyn Host,
    found: &mut Vec<Diagnostic>,
) -> Option<(Vec<String>, u64)> {
    let mut own = sources.clone();
    match matrix_rows(matrix, dir, &mut own, host) {
        Ok(rows) => {
            let mut names: Vec<String> = Vec::new();
            for name in rows.iter().flat_map(|row| row.keys()) {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
            Some((names, rows.len() as u64))
        }
        Err(mut mistake) => {
            // A place in the file itself is in a map that nobody keeps.
            let known =
                sources.files().last().map_or(0, |file| file.base as usize + file.text.len());
            if mistake.span.start as usize > known {
                if let Some(at) = own.position(mistake.span) {
                    mistake.message = format!("{at}: {}", mistake.message);
                }
                mistake.span = span;
                mistake.related.clear();
            } else if mistake.span.is_none() {
                mistake.span = span;
            }
            found.push(mistake);
            None
        }
    }
}

/// An `exclude` that names what no combination has takes nothing away.
fn excluded(matrix: &Matrix, columns: Option<&[String]>, found: &mut Vec<Diagnostic>) {
    if has_rows(matrix) && columns.is_none() {
        return;
    }
    let known = || matrix.axes.keys().chain(columns.into_iter().flatten().map(String::as_str));
    for (key, _) in matrix.exclude.iter().filter_map(Node::as_map).flatten() {
        if !known().any(|name| name == key.name.as_str()) {
            let message = format!("`exclude` names `{}`, which the matrix does not have", key.name);
            let mut mistake = Diagnostic::error("unknown-matrix-value", message, key.span);
            mistake.help = help_for(&key.name, known(), "values");
            found.push(mistake);
        }
    }
}

/// How many combinations of the axes `exclude` leaves, as far as that is looked at.
fn kept(matrix: &Matrix, count: u64) -> u64 {
    if matrix.exclude.is_empty() || has_rows(matrix) || count > LOOK {
        return count;
    }
    let axes: Vec<(&str, Vec<Value>)> = matrix
        .axes
        .iter()
        .map(|(name, axis)| {
            let values = axis.as_list().unwrap_or_default().iter().map(Node::to_value).collect();
            (&*name.value, values)
        })
        .collect();
    let excluded: Vec<Value> = matrix.exclude.iter().map(Node::to_value).collect();
    let is_kept = |nth: u64| {
        let mut rest = usize::try_from(nth).unwrap_or_default();
        let chosen: Vec<(&str, &Value)> = axes
            .iter()
            .map(|(name, values)| {
                let value = &values[rest % values.len()];
                rest /= values.len();
                (*name, value)
            })
            .collect();
        !excluded.iter().filter_map(Value::as_object).any(|row| {
            row.iter().all(|(key, wanted)| chosen.iter().any(|(n, v)| n == key && *v == wanted))
        })
    };
    (0..count).filter(|&nth| is_kept(nth)).count() as u64
}
