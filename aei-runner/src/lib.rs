//! Runs AEI templates: plan → schedule → execute → events.
//!
//! - [`plan`](mod@plan) decides what will run: inputs, matrices, selection, order;
//! - [`engine`] carries it out and tells of it in events;
//! - [`store`] keeps results on disk as they happen;
//! - [`runners`] are the built-in step runners, one module and one cargo feature each.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use aei_runner::{Engine, LocalHost, Plan, Run, RunOptions, load};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let host: Arc<dyn aei_runner::core::host::Host> = Arc::new(LocalHost);
//! let registry = aei_runner::registry();
//! let (suite, _warnings) = load("checkout.aei.yaml".as_ref(), &registry, host.as_ref())?;
//! let plan = Plan::new(vec![suite], RunOptions::default(), &host)?;
//! let run = Run { plan, folder: None, sinks: Vec::new(), cancel: Default::default() };
//! let outcome = Engine::new(registry, host).run(run)?;
//! println!("{}", outcome.status);
//! # Ok(())
//! # }
//! ```
//!
//! Invariant: events come from the emitter only; teardown always runs; no process or task
//! outlives its step.

pub mod engine;
#[cfg(feature = "generate")]
pub mod generate;
#[cfg(feature = "harness")]
pub mod harness;
pub mod host;
pub mod plan;
pub mod runners;
pub mod store;

#[cfg(feature = "tls")]
pub mod tls;

pub use aei_core as core;
pub use aei_core::load::load;
pub use engine::{CancelToken, CutOff, Engine, EngineError, Run, RunOutcome};
pub use host::{LocalHost, node_labels};
pub use plan::{InputSources, Plan, PlanError, PlannedCase, RunOptions, Selection, Shard, TagExpr};
pub use runners::builtin as registry;
pub use store::{CutOffRun, FolderError, RunFolder, StoredRun};
