use std::future::pending;
use std::sync::Arc;

use aei_core::runner::{DynStepRunner, StepContext, StepError, StepErrorKind};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::cancel::StepCancel;
use super::caught::caught;
use super::shared::Deadline;
use super::verdict::CANCELLED;

/// What ends an attempt from outside.
pub(crate) struct Bounds<'a> {
    pub(crate) deadline: Option<Deadline>,
    pub(crate) stop: &'a CancellationToken,
    pub(crate) kill: &'a CancellationToken,
}

impl Bounds<'_> {
    /// Waits until something ends the attempt, and says it as an error.
    pub(crate) async fn over(&self) -> StepError {
        let time = async {
            match self.deadline {
                Some(deadline) => {
                    tokio::time::sleep_until(deadline.at.into()).await;
                    StepError::new(StepErrorKind::TimedOut, deadline.reason())
                }
                None => pending().await,
            }
        };
        tokio::select! {
            error = time => error,
            () = self.stop.cancelled() => StepError::new(StepErrorKind::Cancelled, CANCELLED),
        }
    }
}

/// Lets a runner carry a step out once, within bounds.
///
/// When they are passed, the runner is told by `cancel` and gets its grace to clean up; what it
/// still returns in it becomes the detail of the error.
pub(crate) async fn attempt(
    runner: &dyn DynStepRunner,
    with: Value,
    cx: &StepContext,
    cancel: &Arc<StepCancel>,
    bounds: &Bounds<'_>,
) -> Result<Value, StepError> {
    // The call itself may panic too, before there is a future.
    let running = caught(async { runner.run(with, cx).await });
    tokio::pin!(running);
    let mut error = tokio::select! {
        biased;
        result = &mut running => return result.unwrap_or_else(|text| Err(defect(&text))),
        error = bounds.over() => error,
    };
    cancel.0.cancel();
    let grace = runner.spec().grace;
    if !grace.is_zero() {
        tokio::select! {
            late = &mut running => {
                error.detail = match late {
                    Ok(Ok(outcome)) => Some(Box::new(outcome)),
                    Ok(Err(late)) => late.detail,
                    Err(_) => None,
                };
            }
            () = tokio::time::sleep(grace) => {}
            () = bounds.kill.cancelled() => {}
        }
    }
    Err(error)
}

/// What a panic of a runner makes of its step.
pub(crate) fn defect(text: &str) -> StepError {
    let mut error = StepError::new(StepErrorKind::Internal, format!("the runner panicked: {text}"));
    error.retryable = false;
    error.help("this is a defect of the runner, please report it")
}
