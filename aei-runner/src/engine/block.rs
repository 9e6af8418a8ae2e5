use std::sync::Arc;
use std::time::Instant;

use aei_core::event::{Failure, Status};
use aei_core::template::{Block, Step};
use serde_json::{Map, Value};

use super::case::CaseRun;
use super::end::{StepEnd, failure};
use crate::plan::from_value;

impl<'a> CaseRun<'a> {
    /// Unfolds a call of a block: its steps become steps of the case, with the caller's name in
    /// front. Inside, `inputs` are the block's own; what it captures stays in `vars`.
    pub(super) async fn run_block(&mut self, step: &'a Step, block: &str, prefix: &str) -> Status {
        let with = self.enter(step);
        let name = self.full_name(step, prefix, with.as_ref().ok());
        let entered = with.and_then(|with| self.enter_block(step, block, with));
        let (definition, inputs) = match entered {
            Ok(entered) => entered,
            Err(end) => {
                let began = Instant::now();
                let index = self.start_step(step, name);
                let status = end.status;
                self.end_step(step, index, began, *end);
                return status;
            }
        };
        let outer = std::mem::replace(&mut self.scope.inputs, Arc::new(inputs));
        let before = self.captured.len();
        let status = self.run_steps(&definition.steps, &name).await;
        self.scope.inputs = outer;
        let outcome: Map<String, Value> = (self.captured[before..].iter())
            .filter_map(|name| Some((name.clone(), self.scope.vars.get(name)?.clone())))
            .collect();
        if status == Status::Passed {
            self.close(step, name, Value::Object(outcome))
        } else {
            status
        }
    }

    /// What a call expects and captures is looked for in what the block captured.
    fn close(&mut self, step: &'a Step, name: String, outcome: Value) -> Status {
        if step.expect.is_empty() && step.capture.is_empty() {
            if let Some(id) = &step.id {
                self.keep(&id.value, outcome);
            }
            return Status::Passed;
        }
        let began = Instant::now();
        let index = self.start_step(step, name);
        let checks: Vec<_> = (step.expect.iter())
            .flat_map(|check| self.suite.evaluator.check(check, &outcome, &self.scope))
            .collect();
        let passed = checks.iter().all(|check| check.passed);
        let status = if passed { Status::Passed } else { Status::Failed };
        let captured = Map::new();
        let mut end = StepEnd { status, attempts: 1, checks, failure: None, outcome, captured };
        self.take_captures(step, &mut end);
        let status = end.status;
        self.end_step(step, index, began, end);
        status
    }

    /// The block and its inputs, or how the call ends without entering it.
    fn enter_block(
        &self,
        step: &Step,
        name: &str,
        with: Value,
    ) -> Result<(&'a Block, Map<String, Value>), Box<StepEnd>> {
        let wrong = |message: String| {
            let failure =
                Failure { location: self.suite.location(step.uses.span), ..failure(message) };
            Box::new(StepEnd::without_outcome(Status::Errored, failure))
        };
        let Some(block) = self.suite.suite.template.blocks.get(name) else {
            return Err(wrong(format!("there is no block `{name}`")));
        };
        let given = match with {
            Value::Object(given) => given,
            _ => Map::new(),
        };
        let inputs = block_inputs(block, given);
        let inputs = inputs.map_err(|message| wrong(format!("block `{name}`: {message}")))?;
        Ok((block, inputs))
    }
}

fn block_inputs(
    block: &Block,
    mut given: Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let mut inputs = Map::new();
    for (name, input) in block.inputs.iter() {
        let value = given.remove(&*name.value).or_else(|| Some(input.default.as_ref()?.to_value()));
        let value = value.ok_or_else(|| format!("input `{}` is not set", name.value))?;
        let value = from_value(&value, input.kind)
            .map_err(|wanted| format!("input `{}` is not {wanted}", name.value))?;
        inputs.insert(name.value.to_string(), value);
    }
    match given.keys().next() {
        Some(unknown) => Err(format!("it has no input `{unknown}`")),
        None => Ok(inputs),
    }
}
