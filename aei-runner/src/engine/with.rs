use std::sync::Arc;

use aei_core::evaluator::EvalError;
use aei_core::expr::Scope;
use aei_core::source::Node;
use aei_core::template::Step;
use serde_json::{Map, Value};

use super::case::CaseRun;

impl CaseRun<'_> {
    /// `with`, expressions evaluated, laid over the defaults of the runner's kind.
    pub(super) fn with(&self, step: &Step) -> Result<Value, EvalError> {
        let evaluator = &self.suite.evaluator;
        let own = match &step.with {
            Some(node) => evaluator.render(node, &self.scope)?,
            None => Value::Object(Map::new()),
        };
        match self.suite.suite.template.defaults.with.get(&step.uses.value) {
            Some(node) => {
                let mut base = self.render_defaults(node)?;
                lay_over(&mut base, own);
                Ok(base)
            }
            None => Ok(own),
        }
    }

    /// Defaults belong to the template: even in a block, `inputs` are the template's there.
    fn render_defaults(&self, node: &Node) -> Result<Value, EvalError> {
        if Arc::ptr_eq(&self.scope.inputs, &self.suite.inputs) {
            return self.suite.evaluator.render(node, &self.scope);
        }
        let inputs = Arc::clone(&self.suite.inputs);
        self.suite.evaluator.render(node, &Scope { inputs, ..self.scope.clone() })
    }
}

/// Maps are merged key by key; anything else is replaced.
fn lay_over(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(below) => lay_over(below, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, over) => *base = over,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn own_values_win_over_defaults_deep_down() {
        let mut base = json!({ "headers": { "a": 1, "b": 2 }, "list": [1, 2] });
        lay_over(&mut base, json!({ "headers": { "b": 3 }, "list": [9], "new": true }));
        let merged = json!({ "headers": { "a": 1, "b": 3 }, "list": [9], "new": true });
        assert_eq!(base, merged);
    }
}
