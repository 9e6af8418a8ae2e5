use std::time::Duration;

use aei_core::runner::State;
use tokio_util::sync::CancellationToken;

use super::caught::caught;

/// How long runners may take to close what they have kept open over a case or a run.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long once the run has been killed.
const HURRY: Duration = Duration::from_secs(1);

/// Closes what runners have kept open. What panics or does not come to an end is given up and
/// told; it keeps nobody else waiting.
pub(crate) async fn close(state: &State, kill: &CancellationToken) -> Result<(), String> {
    let hooks = async {
        let mut result = Ok(());
        // A hook that panicked is gone; the others still have their turn.
        while let Err(text) = caught(state.close()).await {
            result = Err(format!("a runner panicked while it closed what was open: {text}"));
        }
        result
    };
    let hurry = async {
        kill.cancelled().await;
        tokio::time::sleep(HURRY).await;
    };
    tokio::select! {
        biased;
        result = hooks => result,
        () = tokio::time::sleep(PATIENCE) => {
            Err(format!("a runner did not close what was open within {} s", PATIENCE.as_secs()))
        }
        () = hurry => Err("a runner did not close what was open before the run was killed".into()),
    }
}
