use std::sync::Arc;
use std::time::Instant;

use aei_core::event::{Failure, Status};
use aei_core::template::{Block, Step};
use serde_json::{Map, Value};

use super::case::CaseRun;
use super::step::{StepEnd, failure};
use crate::plan::from_value;

impl<'a> CaseRun<'a> {
    /// Unfolds a call of a block: its steps become steps of the case, with the caller's name in
    /// front. Inside, `inputs` are the block's own; what it captures stays in `vars`.
    pub(super) async fn run_block(&mut self, step: &'a Step, block: &str, prefix: &str) -> Status {
        let suite = self.suite;
        let inputs = match self.enter(step, block) {
            Ok(entered) => entered,
            Err(end) => {
                let began = Instant::now();
                let index = self.start_step(step, prefix);
                let status = end.status;
                self.end_step(step, index, began, *end);
                return status;
            }
        };
        // `enter` found it.
        let Some(definition) = suite.suite.template.blocks.get(block) else {
            return Status::Errored;
        };
        let own = self.name(step);
        let name = if prefix.is_empty() { own } else { format!("{prefix} › {own}") };
        let outer = std::mem::replace(&mut self.scope.inputs, Arc::new(inputs));
        let before = self.captured.len();
        let status = self.run_steps(&definition.steps, &name).await;
        self.scope.inputs = outer;
        let outcome: Map<String, Value> = (self.captured[before..].iter())
            .filter_map(|name| Some((name.clone(), self.scope.vars.get(name)?.clone())))
            .collect();
        if status == Status::Passed {
            self.close(step, &name, Value::Object(outcome))
        } else {
            status
        }
    }

    /// What a call expects and captures is looked for in what the block captured.
    fn close(&mut self, step: &'a Step, name: &str, outcome: Value) -> Status {
        if step.expect.is_empty() && step.capture.is_empty() {
            self.keep(step.id.as_ref().map(|id| &*id.value), outcome);
            return Status::Passed;
        }
        let began = Instant::now();
        let index = self.start_step(step, name.rsplit_once(" › ").map_or("", |(outer, _)| outer));
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

    /// The inputs inside the block, or how the call ends without entering it.
    fn enter(&self, step: &Step, name: &str) -> Result<Map<String, Value>, Box<StepEnd>> {
        match self.condition(step) {
            Ok(true) => {}
            Ok(false) => {
                let condition = step.condition.as_ref().map_or("", |text| &*text.value);
                let reason = failure(format!("`if: {condition}` is false"));
                return Err(Box::new(StepEnd::without_outcome(Status::Skipped, reason)));
            }
            Err(error) => return Err(Box::new(self.errored(&error, "cannot evaluate `if`: "))),
        }
        let wrong = |message: String| {
            let failure =
                Failure { location: self.suite.location(step.uses.span), ..failure(message) };
            Box::new(StepEnd::without_outcome(Status::Errored, failure))
        };
        let Some(block) = self.suite.suite.template.blocks.get(name) else {
            return Err(wrong(format!("there is no block `{name}`")));
        };
        let given = self.with(step).map_err(|error| Box::new(self.errored(&error, "")))?;
        let given = given.as_object().cloned().unwrap_or_default();
        block_inputs(block, given).map_err(|message| wrong(format!("block `{name}`: {message}")))
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
