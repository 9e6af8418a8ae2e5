use std::path::Path;

use aei_core::diagnostic::Diagnostic;
use aei_core::evaluator::Evaluator;
use aei_core::expr::Scope;
use aei_core::host::Host;
use aei_core::load::matrix_rows;
use aei_core::source::{Node, SourceMap};
use aei_core::template::Matrix;
use serde_json::{Map, Value};

/// The combinations of a case, made one at a time when they are asked for.
///
/// A million combinations of two lists are two lists here.
#[derive(Debug, Default)]
pub(crate) struct Combinations {
    axes: Vec<Axis>,
    /// Which of the product are meant, when some are left out.
    kept: Option<Vec<u32>>,
    included: Vec<Map<String, Value>>,
    product: u32,
}

/// One factor of the product: each choice sets one or several names.
#[derive(Debug)]
struct Axis(Vec<Map<String, Value>>);

/// What stands around a matrix.
pub(crate) struct MatrixSurroundings<'a> {
    pub(crate) evaluator: &'a Evaluator,
    pub(crate) scope: &'a Scope,
    pub(crate) dir: &'a Path,
    pub(crate) sources: &'a SourceMap,
    pub(crate) host: &'a dyn Host,
    /// How many combinations there may be.
    pub(crate) limit: u32,
}

impl Combinations {
    /// The combinations of a matrix.
    pub(crate) fn new(matrix: &Matrix, around: &MatrixSurroundings) -> Result<Self, Diagnostic> {
        let mut axes = Vec::new();
        if matrix.from.is_some() || !matrix.rows.is_empty() {
            let mut sources = around.sources.clone();
            axes.push(Axis(matrix_rows(matrix, around.dir, &mut sources, around.host)?));
        }
        for (name, node) in matrix.axes.iter() {
            axes.push(axis(name, node, around)?);
        }
        let product = axes.iter().try_fold(u32::from(!axes.is_empty()), |product, axis| {
            product
                .checked_mul(u32::try_from(axis.0.len()).ok()?)
                .filter(|count| *count <= around.limit)
        });
        let Some(product) = product else {
            return Err(Diagnostic::error(
                "too-many-cases",
                format!("the matrix has more than {} combinations", around.limit),
                matrix.span,
            ));
        };
        let row = |node: &Node| match around.evaluator.render(node, around.scope) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Err(Diagnostic::error("matrix", "a combination is a map", node.span)),
            Err(error) => Err(Diagnostic::error("expression", error.message, error.span)),
        };
        let included = matrix.include.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let excluded = matrix.exclude.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let mut combinations = Self { axes, kept: None, included, product };
        if !excluded.is_empty() {
            let fits = |row: &Map<String, Value>, all: &Map<String, Value>| {
                row.iter().all(|(name, value)| all.get(name) == Some(value))
            };
            let kept = (0..product).filter(|&nth| {
                let combination = combinations.of_product(nth);
                !excluded.iter().any(|row| fits(row, &combination))
            });
            combinations.kept = Some(kept.collect());
        }
        Ok(combinations)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u32 {
        let of_product = self.kept.as_ref().map_or(self.product as usize, Vec::len);
        u32::try_from(of_product + self.included.len()).unwrap_or(u32::MAX)
    }

    /// The values of one of them.
    pub(crate) fn get(&self, nth: u32) -> Map<String, Value> {
        let (at, kept) = (nth as usize, self.kept.as_ref());
        let of_product = kept.map_or(self.product as usize, Vec::len);
        match at.checked_sub(of_product) {
            Some(included) => self.included.get(included).cloned().unwrap_or_default(),
            None => self.of_product(kept.map_or(nth, |kept| kept[at])),
        }
    }

    /// The last axis turns fastest, as loops inside loops would.
    fn of_product(&self, nth: u32) -> Map<String, Value> {
        let mut rest = nth as usize;
        let mut choices = Vec::with_capacity(self.axes.len());
        for axis in self.axes.iter().rev() {
            choices.push(&axis.0[rest % axis.0.len()]);
            rest /= axis.0.len();
        }
        choices.into_iter().rev().flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
    }
}

fn axis(name: &str, node: &Node, around: &MatrixSurroundings) -> Result<Axis, Diagnostic> {
    let value = around
        .evaluator
        .render(node, around.scope)
        .map_err(|error| Diagnostic::error("expression", error.message, error.span))?;
    let Value::Array(items) = value else {
        return Err(Diagnostic::error(
            "matrix",
            format!("the matrix axis `{name}` is not a list"),
            node.span,
        )
        .help("write a list, or an expression that gives one"));
    };
    let choice = |value| Map::from_iter([(name.to_owned(), value)]);
    Ok(Axis(items.into_iter().map(choice).collect()))
}

/// How a combination is told apart in ids: `user=ann, role=admin`.
pub(crate) fn label(values: &Map<String, Value>) -> String {
    let one = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}
