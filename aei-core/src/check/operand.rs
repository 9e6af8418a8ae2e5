use crate::source::{Node, Span};
use crate::template::Operator;

/// What is wrong with the operand of an operator, as far as that shows before a run, and where.
pub fn operand_error(_operator: Operator, _operand: &Node) -> Option<(String, Span)> {
    None
}
