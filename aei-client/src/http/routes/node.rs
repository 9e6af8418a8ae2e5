use std::path::PathBuf;
use std::time::Duration;

use aei_core::api::{
    ArtifactKept, CommandId, CommandLease, EventsAccepted, FinishCommand, Heartbeat,
    HeartbeatReply, NDJSON, NodeMessage, PendingCommands, RegisterNode, RegisteredNode,
};
use bytes::Bytes;
use futures_util::stream::{Stream, TryStreamExt};

use super::TemplateBytes;
use crate::http::sse::{Incoming, ServerEvent, events};
use crate::http::{Client, ClientError, Content};

/// What a node is told, as it comes; `None` for a sign of life.
pub type CommandStream =
    std::pin::Pin<Box<dyn Stream<Item = Result<Option<NodeMessage>, ClientError>> + Send>>;

/// These are for the token of a node.
impl Client {
    /// Registers a node by an enrolment key (`POST node/register`). Needs no token.
    pub async fn register_node(&self, node: &RegisterNode) -> Result<RegisteredNode, ClientError> {
        self.json(&self.post(&["node", "register"]).json(node)?).await
    }

    /// Gives a sign of life and renews leases (`POST node/heartbeat`).
    pub async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatReply, ClientError> {
        self.json(&self.post(&["node", "heartbeat"]).json(heartbeat)?).await
    }

    /// What the node has to do now (`GET node/commands`).
    pub async fn pending_commands(&self) -> Result<PendingCommands, ClientError> {
        self.json(&self.get(&["node", "commands"]).accept("application/json")).await
    }

    /// What the node has to do, now and from now on (`GET node/commands`, live). Silence longer
    /// than `patience` is an error.
    pub async fn command_stream(&self, patience: Duration) -> Result<CommandStream, ClientError> {
        let call = self.get(&["node", "commands"]).accept("text/event-stream");
        let response = self.send(&call).await?;
        let server = self.server();
        let messages = events(self.clone(), response, patience);
        Ok(Box::pin(messages.and_then(move |incoming| {
            std::future::ready(match incoming {
                Incoming::Event(event) => message(&event).map_err(|what| ClientError::Answer {
                    server: server.clone(),
                    what: format!("a command cannot be read: {what}"),
                }),
                Incoming::Alive => Ok(None),
            })
        })))
    }

    /// The template of a command (`GET node/commands/{id}/template`).
    pub async fn command_template(&self, id: CommandId) -> Result<TemplateBytes, ClientError> {
        self.content(&["node", "commands", &id.to_string(), "template"]).await
    }

    /// Takes a command (`POST node/commands/{id}/ack`).
    pub async fn acknowledge(&self, id: CommandId) -> Result<CommandLease, ClientError> {
        self.json(&self.post(&["node", "commands", &id.to_string(), "ack"])).await
    }

    /// Sends a batch of events, one JSON document a line
    /// (`POST node/commands/{id}/events`). Events that the server has already are passed over.
    pub async fn send_events(
        &self,
        id: CommandId,
        lines: Bytes,
    ) -> Result<EventsAccepted, ClientError> {
        let call = self.post(&["node", "commands", &id.to_string(), "events"]);
        self.json(&call.content(NDJSON, Content::Bytes(lines))).await
    }

    /// Sends a file that a step left (`PUT node/commands/{id}/artifacts/{path}`).
    pub async fn send_artifact(
        &self,
        id: CommandId,
        path: &str,
        file: PathBuf,
        length: u64,
    ) -> Result<ArtifactKept, ClientError> {
        let id = id.to_string();
        let mut segments = vec!["node", "commands", &id, "artifacts"];
        segments.extend(path.split('/'));
        let content = Content::File { path: file, length };
        self.json(&self.put(&segments).content("application/octet-stream", content)).await
    }

    /// Sends the report of a command, as JSON (`PUT node/commands/{id}/report`).
    pub async fn send_report(
        &self,
        id: CommandId,
        file: PathBuf,
        length: u64,
    ) -> Result<(), ClientError> {
        let content = Content::File { path: file, length };
        let call = self.put(&["node", "commands", &id.to_string(), "report"]);
        self.done(&call.content("application/json", content)).await
    }

    /// Ends a command (`POST node/commands/{id}/finish`).
    pub async fn finish_command(
        &self,
        id: CommandId,
        finish: &FinishCommand,
    ) -> Result<(), ClientError> {
        self.done(&self.post(&["node", "commands", &id.to_string(), "finish"]).json(finish)?).await
    }
}

/// Reads a message; one of a kind that is not known yet is passed over.
fn message(event: &ServerEvent) -> Result<Option<NodeMessage>, serde_json::Error> {
    Ok(match event.name.as_str() {
        "command" => Some(NodeMessage::Command(serde_json::from_str(&event.data)?)),
        "cancel" => Some(NodeMessage::Cancel(serde_json::from_str(&event.data)?)),
        _ => None,
    })
}
