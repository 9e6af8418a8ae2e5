//! What carries a step out.
//!
//! An author implements [`StepRunner`] with plain types and a plain `async fn run`; [`Typed`]
//! erases it to the [`DynStepRunner`] that a [`Registry`] holds. Timeout, retry, policy, redaction
//! and tracing wrap every runner in the engine and never live inside one.

mod context;
mod error;
mod registry;
mod spec;
mod state;
mod typed;

pub use context::{
    ArtifactError, ArtifactSink, Cancel, OutputSink, OutputStream, StepContext, StepIdentity,
};
pub use error::{StepError, StepErrorKind};
pub use registry::Registry;
pub use spec::RunnerSpec;
pub use state::{CloseHook, State};
pub use typed::{DynStepRunner, StepRunner, Typed};
