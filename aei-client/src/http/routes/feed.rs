use std::time::Duration;

use aei_core::api::{AuditEntry, UserEvent};
use futures_util::stream::{Stream, TryStreamExt};

use crate::http::sse::{Incoming, ServerEvent, events};
use crate::http::{Client, ClientError, Pages};

/// What changes in an account, as it does.
pub type UserEvents = std::pin::Pin<Box<dyn Stream<Item = Result<UserEvent, ClientError>> + Send>>;

/// The server sends at least a comment every 15 s.
const SILENCE: Duration = Duration::from_secs(45);

impl Client {
    /// What was done in the account, newest first (`GET audit`).
    pub fn audit(&self) -> Pages<AuditEntry> {
        Pages::new(self, &["audit"])
    }

    /// What changes from now on (`GET events`). When the stream ends, open it again and look at
    /// everything anew: what happened in between is not told.
    pub async fn events(&self) -> Result<UserEvents, ClientError> {
        let response = self.send(&self.get(&["events"]).accept("text/event-stream")).await?;
        let feed = events(self.clone(), response, SILENCE);
        Ok(Box::pin(feed.try_filter_map(|incoming| {
            std::future::ready(Ok(match incoming {
                Incoming::Event(event) => user_event(&event),
                Incoming::Alive => None,
            }))
        })))
    }
}

/// Reads a message; one of a kind that is not known yet is passed over.
fn user_event(event: &ServerEvent) -> Option<UserEvent> {
    serde_json::from_str(&event.data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_with_and_without_data_are_read() {
        let read = |data: &str| {
            user_event(&ServerEvent { name: "message".to_owned(), data: data.to_owned() })
        };
        let id = uuid::Uuid::now_v7();
        let node = read(&format!("{{\"node\":\"{id}\"}}"));
        assert_eq!(node, Some(UserEvent::Node(aei_core::api::NodeId(id))));
        assert_eq!(read("\"templates\""), Some(UserEvent::Templates));
        assert_eq!(read("{\"of_tomorrow\":1}"), None);
    }
}
