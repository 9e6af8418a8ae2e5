use std::cmp::Ordering;

use serde_json::Value;

use super::compare::{self, compare, same};
use super::measure::Approx;
use super::{diff, words};
use crate::evaluator::Evaluator;
use crate::expr::Names;
use crate::source::Node;
use crate::template::Operator;

/// Why an operator does not hold.
#[derive(Debug)]
pub(super) struct Broken {
    /// What follows "expected … to …, "; or the whole sentence.
    pub(super) said: Said,
    pub(super) diff: Option<String>,
}

#[derive(Debug)]
pub(super) enum Said {
    /// What was there instead.
    Instead(String),
    /// The check itself is at fault.
    Whole(String),
}

impl Broken {
    pub(super) fn instead(words: impl Into<String>) -> Self {
        Self { said: Said::Instead(words.into()), diff: None }
    }

    pub(super) fn whole(words: impl Into<String>) -> Self {
        Self { said: Said::Whole(words.into()), diff: None }
    }

    fn was(actual: &Value) -> Self {
        Self::instead(format!("was {}", words::short(actual)))
    }

    /// The operator is not for values of this type.
    fn unfit(actual: &Value, operator: Operator, takes: &str) -> Self {
        let (shown, kind) = (words::short(actual), words::kind(actual));
        let shown = if actual.is_null() { shown } else { format!("{shown}, {kind}") };
        Self::instead(format!("was {shown}; `{}` is for {takes}", operator.key()))
    }

    pub(super) fn with_diff(mut self, diff: Option<String>) -> Self {
        self.diff = diff;
        self
    }
}

/// One operator of a check, its operand evaluated.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) operator: Operator,
    pub(super) operand: &'a Node,
    pub(super) expected: &'a Value,
    pub(super) names: Names<'a>,
}

impl Evaluator {
    /// Whether an operator holds of what a selector found.
    pub(super) fn judge(
        &self,
        question: Question<'_>,
        actual: Option<&Value>,
    ) -> Result<(), Broken> {
        let Question { operator, expected, .. } = question;
        let flag = || {
            expected.as_bool().ok_or_else(|| {
                Broken::whole(format!(
                    "`{}` is true or false, not {}",
                    operator.key(),
                    words::short(expected)
                ))
            })
        };
        let fits = match operator {
            Operator::Exists => actual.is_some() == flag()?,
            Operator::Empty => match (actual, flag()?) {
                (None, wanted) => wanted,
                (Some(actual), wanted) => compare::is_empty(actual) == wanted,
            },
            _ => {
                let actual = actual.ok_or_else(|| Broken::instead("found nothing"))?;
                return self.judge_found(question, actual);
            }
        };
        match (fits, actual) {
            (true, _) => Ok(()),
            (false, None) => Err(Broken::instead("found nothing")),
            (false, Some(actual)) => Err(Broken::was(actual)),
        }
    }

    fn judge_found(&self, question: Question<'_>, actual: &Value) -> Result<(), Broken> {
        let Question { operator, expected, .. } = question;
        let holds = match operator {
            Operator::Equals => same(actual, expected),
            Operator::NotEquals => !same(actual, expected),
            Operator::Contains => contains(operator, expected, actual)?,
            Operator::NotContains => !contains(operator, expected, actual)?,
            Operator::StartsWith => {
                text_pair(operator, expected, actual, |text, start| text.starts_with(start))?
            }
            Operator::EndsWith => {
                text_pair(operator, expected, actual, |text, end| text.ends_with(end))?
            }
            Operator::Matches => {
                text_pair(operator, expected, actual, |_, _| true)?;
                self.matches(expected, actual)?
            }
            Operator::Lt => ordered(operator, expected, actual)? == Ordering::Less,
            Operator::Le => ordered(operator, expected, actual)? != Ordering::Greater,
            Operator::Gt => ordered(operator, expected, actual)? == Ordering::Greater,
            Operator::Ge => ordered(operator, expected, actual)? != Ordering::Less,
            Operator::Between => between(expected, actual)?,
            Operator::In => list(operator, expected)?.iter().any(|one| same(one, actual)),
            Operator::NotIn => !list(operator, expected)?.iter().any(|one| same(one, actual)),
            Operator::Length => return self.length(question, actual),
            Operator::Is => is(expected, actual)?,
            Operator::Approx => approx(expected, actual)?,
            Operator::Schema => return self.fits_schema(expected, actual),
            Operator::Snapshot => return self.fits_snapshot(expected, actual),
            Operator::Satisfies => self.satisfies(question, actual)?,
            Operator::Exists | Operator::Empty => true,
        };
        if holds {
            return Ok(());
        }
        let diff = match operator {
            Operator::Equals => diff::of_values(expected, actual),
            Operator::Contains => contained_diff(expected, actual),
            _ => None,
        };
        Err(Broken::was(actual).with_diff(diff))
    }

    fn matches(&self, pattern: &Value, actual: &Value) -> Result<bool, Broken> {
        let (Some(pattern), Some(text)) = (pattern.as_str(), actual.as_str()) else {
            return Ok(false);
        };
        let regex = self.patterns.get(pattern, super::pattern::compile).map_err(|error| {
            Broken::whole(format!("`{pattern}` is no regular expression: {}", error.message))
        })?;
        Ok(regex.is_match(text))
    }

    fn length(&self, question: Question<'_>, actual: &Value) -> Result<(), Broken> {
        let Some(length) = compare::length(actual) else {
            return Err(Broken::unfit(actual, Operator::Length, "texts, lists and maps"));
        };
        let length = Value::from(length);
        let has = || format!("has {length}: {}", words::short(actual));
        let Value::Object(operators) = question.expected else {
            if !question.expected.is_number() {
                return Err(Broken::whole(format!(
                    "`length` is a number or operators for it, not {}",
                    words::short(question.expected)
                )));
            }
            return if same(&length, question.expected) {
                Ok(())
            } else {
                Err(Broken::instead(has()))
            };
        };
        if operators.is_empty() {
            return Err(Broken::whole("`length` says nothing of the length"));
        }
        for (key, expected) in operators {
            let operator = Operator::from_key(key)
                .ok_or_else(|| Broken::whole(format!("unknown operator `{key}` in `length`")))?;
            let operand = question.operand.get(key).unwrap_or(question.operand);
            let inner = Question { operator, operand, expected, ..question };
            self.judge(inner, Some(&length)).map_err(|broken| match broken.said {
                Said::Instead(_) => Broken::instead(has()),
                Said::Whole(_) => broken,
            })?;
        }
        Ok(())
    }

    fn satisfies(&self, question: Question<'_>, actual: &Value) -> Result<bool, Broken> {
        let Some(text) = question.expected.as_str() else {
            return match question.expected {
                Value::Bool(holds) => Ok(*holds),
                other => Err(Broken::whole(format!(
                    "`satisfies` is an expression such as `it > 3`, not {}",
                    words::short(other)
                ))),
            };
        };
        let names = Names { it: Some(actual), ..question.names };
        self.holds(text, question.operand.span, names).map_err(|error| {
            let help = error.help.map(|help| format!("; {help}")).unwrap_or_default();
            Broken::whole(format!("cannot evaluate `{text}`: {}{help}", error.message))
        })
    }
}

fn contains(operator: Operator, part: &Value, whole: &Value) -> Result<bool, Broken> {
    compare::contains(whole, part).ok_or_else(|| match whole {
        Value::String(_) => Broken::instead(format!(
            "was {}, a string, which holds texts and not {}",
            words::short(whole),
            words::kind(part)
        )),
        Value::Object(_) => Broken::instead(format!(
            "was {}, a map, which holds entries such as `{{ key: value }}` and not {}",
            words::short(whole),
            words::kind(part)
        )),
        _ => Broken::unfit(whole, operator, "texts, lists and maps"),
    })
}

/// For a map, the entries that were asked for against those with the same keys.
fn contained_diff(part: &Value, whole: &Value) -> Option<String> {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            let found: serde_json::Map<_, _> = part
                .keys()
                .filter_map(|key| whole.get(key).map(|value| (key.clone(), value.clone())))
                .collect();
            diff::of_values(&Value::Object(part.clone()), &Value::Object(found))
        }
        (Value::String(part), Value::String(_)) if part.contains('\n') => {
            diff::of_values(&Value::String(part.clone()), whole)
        }
        _ => None,
    }
}

fn text_pair(
    operator: Operator,
    expected: &Value,
    actual: &Value,
    holds: impl FnOnce(&str, &str) -> bool,
) -> Result<bool, Broken> {
    match (actual.as_str(), expected.as_str()) {
        (Some(actual), Some(expected)) => Ok(holds(actual, expected)),
        (Some(_), None) => Err(Broken::whole(format!(
            "`{}` takes a text, not {}",
            operator.key(),
            words::short(expected)
        ))),
        (None, _) => Err(Broken::unfit(actual, operator, "texts")),
    }
}

fn ordered(operator: Operator, bound: &Value, actual: &Value) -> Result<Ordering, Broken> {
    compare(actual, bound).ok_or_else(|| match (bound, actual) {
        (Value::Number(_) | Value::String(_), Value::Number(_) | Value::String(_)) => {
            Broken::instead(format!(
                "was {}, {}, which does not compare with {}",
                words::short(actual),
                words::kind(actual),
                words::kind(bound)
            ))
        }
        (Value::Number(_) | Value::String(_), _) => {
            Broken::unfit(actual, operator, "numbers and texts")
        }
        _ => Broken::whole(format!(
            "`{}` takes a number or a text, not {}",
            operator.key(),
            words::short(bound)
        )),
    })
}

fn between(bounds: &Value, actual: &Value) -> Result<bool, Broken> {
    let Some([low, high]) = bounds.as_array().map(Vec::as_slice) else {
        return Err(Broken::whole(format!(
            "`between` takes a list of two bounds, not {}",
            words::short(bounds)
        )));
    };
    Ok(ordered(Operator::Between, low, actual)? != Ordering::Less
        && ordered(Operator::Between, high, actual)? != Ordering::Greater)
}

fn list(operator: Operator, expected: &Value) -> Result<&[Value], Broken> {
    expected.as_array().map(Vec::as_slice).ok_or_else(|| {
        Broken::whole(format!("`{}` takes a list, not {}", operator.key(), words::short(expected)))
    })
}

fn is(expected: &Value, actual: &Value) -> Result<bool, Broken> {
    match expected.as_str() {
        Some(name) if compare::TYPES.contains(&name) => {
            if compare::is_of_type(actual, name) {
                return Ok(true);
            }
            let (shown, kind) = (words::short(actual), words::kind(actual));
            Err(Broken::instead(if actual.is_null() {
                "was null".to_owned()
            } else {
                format!("was {shown}, {kind}")
            }))
        }
        _ => Err(Broken::whole(format!(
            "{} is no type; types are {}",
            words::short(expected),
            compare::TYPES.join(", ")
        ))),
    }
}

fn approx(expected: &Value, actual: &Value) -> Result<bool, Broken> {
    let approx = Approx::read(expected).map_err(Broken::whole)?;
    let actual =
        actual.as_f64().ok_or_else(|| Broken::unfit(actual, Operator::Approx, "numbers"))?;
    Ok(approx.holds(actual))
}
