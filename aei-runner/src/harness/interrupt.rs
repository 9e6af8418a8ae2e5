use tokio::sync::oneshot;

use crate::CancelToken;

/// Listens to signals until it is dropped.
pub(super) struct Listening(
    #[expect(dead_code, reason = "its drop is the signal")] oneshot::Sender<()>,
);

/// Cancels the run at the first Ctrl-C or SIGTERM, so that no process of a step is left behind and
/// teardown runs; ends it at the second.
pub(super) fn cancel_on_signals(cancel: CancelToken) -> Listening {
    let (listening, over) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without it signals end the process, as they would anyway.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let signals = async {
                if stop().await.is_ok() {
                    cancel.cancel();
                }
                if stop().await.is_ok() {
                    cancel.kill();
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = signals => {}
                _ = over => {}
            }
        });
    });
    Listening(listening)
}

#[cfg(unix)]
async fn stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
