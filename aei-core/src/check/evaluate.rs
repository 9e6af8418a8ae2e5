use std::borrow::Cow;

use serde_json::Value;

use super::excerpt::{excerpt, is_long};
use super::judge::{Broken, Question, Said};
use super::{measure, words};
use crate::evaluator::{EvalError, Evaluator};
use crate::event::{CheckResult, Location};
use crate::expr::{Names, Scope};
use crate::source::{Node, NodeValue, Span};
use crate::template::{Check, Operator};

impl Evaluator {
    /// Evaluates every operator of a check. An operand that cannot be evaluated is a check that
    /// does not hold; its message says why.
    pub fn check(&self, check: &Check, outcome: &Value, scope: &Scope) -> Vec<CheckResult> {
        let selector = match self.selector(&check.that, check.that.span) {
            Ok(selector) => selector,
            Err(error) => return self.refused(check, &error),
        };
        let found = selector.find(outcome);
        let actual = found.as_deref();
        let exists = Node::new(NodeValue::Bool(true), check.span);
        let alone = [(Operator::Exists, exists)];
        // What asks for nothing must not pass when nothing is there.
        let operators = if check.operators.is_empty() { &alone[..] } else { &check.operators };

        let mut results: Vec<CheckResult> = operators
            .iter()
            .map(|(operator, operand)| {
                let expected = self.expected(*operator, operand, scope);
                self.answer(check, (*operator, operand), expected, actual, scope)
            })
            .collect();
        let measured = measure::measurement(
            check,
            actual,
            results.iter().map(|result| (result.operator, &result.expected)),
        );
        if let Some(first) = results.first_mut() {
            first.measurement = measured;
        }
        results
    }

    fn expected(
        &self,
        operator: Operator,
        operand: &Node,
        scope: &Scope,
    ) -> Result<Value, EvalError> {
        // The expression of `satisfies` needs `it`, so it is not a text to render.
        if operator == Operator::Satisfies {
            return Ok(operand.to_value());
        }
        self.render(operand, scope)
    }

    fn answer(
        &self,
        check: &Check,
        (operator, operand): (Operator, &Node),
        expected: Result<Value, EvalError>,
        actual: Option<&Value>,
        scope: &Scope,
    ) -> CheckResult {
        let mut span = if operand.span.is_none() { check.span } else { operand.span };
        let (expected, judged) = match expected {
            Ok(expected) => {
                let names = Names { scope, it: None };
                let question = Question { operator, operand, expected: &expected, names };
                let judged = self.judge(question, actual);
                match judged {
                    Err(broken) if !self.redactor.is_empty() => {
                        self.without_secrets(question, actual, broken)
                    }
                    judged => (expected, judged),
                }
            }
            Err(error) => {
                if !error.span.is_none() {
                    span = error.span;
                }
                let help = error.help.map(|help| format!("; {help}")).unwrap_or_default();
                (operand.to_value(), Err(Broken::whole(format!("{}{help}", error.message))))
            }
        };
        let mut result = CheckResult {
            that: check.that.value.to_string(),
            operator,
            passed: judged.is_ok(),
            name: check.name.as_deref().map(str::to_owned),
            actual: actual.map(|value| self.shown(value)),
            expected,
            message: None,
            diff: None,
            measurement: None,
            location: None,
        };
        if let Err(broken) = judged {
            self.explain(&mut result, broken, span);
        }
        if is_long(&result.expected) {
            result.expected = self.shown(&result.expected);
        }
        result
    }

    /// Says once more why an operator does not hold, of values without secrets: messages and
    /// diffs shorten and split what they show, and a part of a secret is not recognised later.
    fn without_secrets(
        &self,
        question: Question<'_>,
        actual: Option<&Value>,
        broken: Broken,
    ) -> (Value, Result<(), Broken>) {
        let expected = self.clean(question.expected).into_owned();
        let clean = actual.map(|actual| self.clean(actual));
        if expected == *question.expected && clean.as_deref() == actual {
            return (expected, Err(broken));
        }
        let question = Question { expected: &expected, ..question };
        let broken = self
            .judge(question, clean.as_deref())
            .err()
            .unwrap_or_else(|| Broken::instead("was another; what differs is secret"));
        (expected, Err(broken))
    }

    fn explain(&self, result: &mut CheckResult, broken: Broken, span: Span) {
        result.message = Some(match broken.said {
            Said::Whole(message) => message,
            Said::Instead(instead) => {
                let wish = words::wish(result.operator, &result.expected);
                format!("expected {} to {wish}, {instead}", result.that)
            }
        });
        result.diff = broken.diff;
        result.location = self.location(span);
    }

    /// As much of a value as a result carries. Secrets go first: half of one would not be known.
    fn shown(&self, value: &Value) -> Value {
        if is_long(value) { excerpt(&self.clean(value)) } else { value.clone() }
    }

    pub(super) fn clean<'a>(&self, value: &'a Value) -> Cow<'a, Value> {
        if self.redactor.is_empty() {
            return Cow::Borrowed(value);
        }
        let mut clean = value.clone();
        self.redactor.clean_value(&mut clean);
        Cow::Owned(clean)
    }

    fn location(&self, span: Span) -> Option<Location> {
        let place = self.sources().position(span)?;
        Some(Location { file: place.file, line: place.line, column: place.column })
    }

    /// Nothing can be looked at, so nothing holds.
    fn refused(&self, check: &Check, error: &EvalError) -> Vec<CheckResult> {
        let operator = check.operators.first().map_or(Operator::Exists, |(operator, _)| *operator);
        let expected = check.operators.first().map_or(Value::Null, |(_, node)| node.to_value());
        vec![CheckResult {
            that: check.that.value.to_string(),
            operator,
            passed: false,
            name: check.name.as_deref().map(str::to_owned),
            expected,
            actual: None,
            message: Some(format!("cannot read the selector `{}`: {}", *check.that, error.message)),
            diff: None,
            measurement: None,
            location: self.location(error.span),
        }]
    }
}
