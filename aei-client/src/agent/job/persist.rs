use crate::http::ClientError;
use crate::spool::{is_gone, pauses};

/// Why something was not delivered for good.
#[derive(Debug)]
pub(super) enum Stop {
    /// The command is not this node's any more.
    Gone,
    /// The token is not good any more.
    Unauthorised,
    /// The server will not take it.
    Refused(ClientError),
}

/// Calls until there is an answer, for as long as it takes.
pub(super) async fn persist<T, F>(
    what: &'static str,
    mut call: impl FnMut() -> F,
) -> Result<T, Stop>
where
    F: Future<Output = Result<T, ClientError>>,
{
    let mut backoff = pauses();
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) if is_gone(&error) => return Err(Stop::Gone),
            Err(error) if error.is_unauthorised() => return Err(Stop::Unauthorised),
            Err(error) if error.is_transient() => {
                tracing::debug!(%error, what, "trying again");
                tokio::time::sleep(backoff.next()).await;
            }
            Err(error) => return Err(Stop::Refused(error)),
        }
    }
}
