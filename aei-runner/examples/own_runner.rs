//! A step runner of your own, and a program that runs templates with it: `own_runner FILE`.

use std::path::Path;
use std::sync::Arc;

use aei_runner::core::host::Host;
use aei_runner::core::runner::{StepContext, StepError, StepErrorKind, StepRunner};
use aei_runner::{CancelToken, Engine, LocalHost, Plan, Run, RunFolder, RunOptions, load};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

struct Divide;

/// Divides a number by another.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// The number to divide.
    dividend: i64,
    /// What it is divided by.
    divisor: i64,
}

/// What comes out.
#[derive(Serialize, JsonSchema)]
struct Outcome {
    /// The whole part.
    quotient: i64,
    /// What is left over.
    rest: i64,
}

impl StepRunner for Divide {
    const KIND: &'static str = "divide";
    const EXAMPLE: &'static str = "uses: divide\nwith: { dividend: 7, divisor: 2 }\n";
    const DEFAULT_CHECKS: &'static str = r#"[{ "that": "rest", "equals": 0 }]"#;

    type Params = Params;
    type Outcome = Outcome;

    async fn run(&self, params: Params, _cx: &StepContext) -> Result<Outcome, StepError> {
        let Params { dividend, divisor } = params;
        match (dividend.checked_div(divisor), dividend.checked_rem(divisor)) {
            (Some(quotient), Some(rest)) => Ok(Outcome { quotient, rest }),
            _ => Err(StepError::new(
                StepErrorKind::InvalidParams,
                format!("`{dividend}` cannot be divided by `{divisor}`"),
            )
            .at("/divisor")),
        }
    }
}

fn main() -> anyhow::Result<()> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "divide.aei.yaml".to_owned());
    let host: Arc<dyn Host> = Arc::new(LocalHost);
    let mut registry = aei_runner::registry();
    registry.register(Divide);
    let (suite, _warnings) = load(Path::new(&file), &registry, host.as_ref())?;
    let options = RunOptions { node: aei_runner::node_labels(), ..RunOptions::default() };
    let plan = Plan::new(vec![suite], options, &host)?;
    let folder = RunFolder::create(Path::new(".aei/runs"), host.as_ref())?;
    let run = Run { plan, folder: Some(folder), sinks: Vec::new(), cancel: CancelToken::new() };
    let outcome = Engine::new(registry, host).run(run)?;
    anyhow::ensure!(!outcome.status.is_bad(), "{}", outcome.status);
    Ok(())
}
