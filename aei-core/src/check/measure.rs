use serde_json::Value;

use crate::event::{Limits, Measurement};
use crate::template::{Check, Operator};

/// The measurement that a check records, its limits gathered from the operators.
pub(super) fn measurement<'a>(
    check: &Check,
    actual: Option<&Value>,
    operands: impl Iterator<Item = (Operator, &'a Value)>,
) -> Option<Measurement> {
    let name = check.measure.as_deref()?;
    let mut limits = Limits::default();
    for (operator, expected) in operands {
        let (low, high) = bounds(operator, expected);
        limits.low = tighter(limits.low, low, f64::max);
        limits.high = tighter(limits.high, high, f64::min);
    }
    Some(Measurement {
        name: name.to_owned(),
        value: actual.and_then(Value::as_f64),
        unit: check.unit.as_deref().map(str::to_owned),
        limits,
    })
}

fn tighter(known: Option<f64>, other: Option<f64>, pick: fn(f64, f64) -> f64) -> Option<f64> {
    match (known, other) {
        (Some(a), Some(b)) => Some(pick(a, b)),
        (a, b) => a.or(b),
    }
}

fn bounds(operator: Operator, expected: &Value) -> (Option<f64>, Option<f64>) {
    let number = expected.as_f64();
    match operator {
        Operator::Lt | Operator::Le => (None, number),
        Operator::Gt | Operator::Ge => (number, None),
        Operator::Equals => (number, number),
        Operator::Between => {
            (expected.get(0).and_then(Value::as_f64), expected.get(1).and_then(Value::as_f64))
        }
        Operator::Approx => match Approx::read(expected) {
            Ok(Approx { value, tolerance }) => (Some(value - tolerance), Some(value + tolerance)),
            Err(_) => (None, None),
        },
        _ => (None, None),
    }
}

/// The operand of `approx`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Approx {
    pub(super) value: f64,
    /// The absolute difference allowed.
    pub(super) tolerance: f64,
}

impl Approx {
    pub(super) fn read(operand: &Value) -> Result<Self, String> {
        let value = operand
            .get("value")
            .and_then(Value::as_f64)
            .ok_or("`approx` needs a `value`, a number")?;
        let tolerance = operand.get("tolerance").and_then(|tolerance| match tolerance {
            Value::String(text) => percentage(text).map(|part| value.abs() * part),
            other => other.as_f64(),
        });
        let tolerance = tolerance.filter(|t| *t >= 0.0).ok_or(
            "`approx` needs a `tolerance`, a number or a percentage such as `5%`, not below zero",
        )?;
        Ok(Self { value, tolerance })
    }

    pub(super) fn holds(self, actual: f64) -> bool {
        // 1.1 is within 0.1 of 1.0, though their floats are a hair further apart.
        let hair = 4.0 * f64::EPSILON * self.value.abs().max(actual.abs());
        (actual - self.value).abs() <= self.tolerance + hair
    }
}

/// `5%` as 0.05.
pub(super) fn percentage(text: &str) -> Option<f64> {
    let number: f64 = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    number.is_finite().then_some(number / 100.0)
}
