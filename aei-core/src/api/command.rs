use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CommandId, NodeInfo};
use crate::event::{RunId, Status, Summary};

/// An order to a node: run this template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeCommand {
    /// Its identity.
    pub id: CommandId,
    /// The run it is part of.
    pub run_id: RunId,
    /// How far it has come.
    pub state: CommandState,
    /// What to run.
    pub template: TemplateReference,
    /// The ids of the cases to run; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<Vec<String>>,
    /// Values of inputs, from the request to run.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub inputs: Map<String, Value>,
    /// What the node is to the server: labels set there, which win over the node's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How to run it.
    pub settings: RunSettings,
    /// The node may run it again if it was cut off in the middle.
    pub rerun_if_interrupted: bool,
    /// When it was given.
    pub created_at: DateTime<Utc>,
}

/// How far a command has come. When it is done it is gone; its history is in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CommandState {
    /// Given, not yet taken.
    Start,
    /// Taken by the node.
    Running,
}

/// Which template, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateReference {
    /// Its name.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its detached signature, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// How a run is to be carried out on each node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RunSettings {
    /// How many cases at a time; the node's own number when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<u32>,
    /// Tries failed cases so many times more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Time limit of the run on a node, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u64>,
    /// Starts no further case on a node once one did not pass.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fail_fast: bool,
}

/// What a node has to do, by a plain poll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingCommands {
    /// Everything it was given that is not done, oldest first.
    pub commands: Vec<NodeCommand>,
    /// Commands that it should stop.
    pub cancel: Vec<CommandId>,
}

/// One message of a node's command stream. The event's name is the variant's, its data the JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeMessage {
    /// A command to carry out. Comes again after a reconnect until it is done.
    Command(Box<NodeCommand>),
    /// A command to stop.
    Cancel(CommandId),
}

/// A command that the node holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommandLease {
    /// The server counts the command as lost when it hears nothing of it for so long, in seconds.
    pub lease_s: u64,
    /// The next sequence number of events that the server wants.
    pub next_seq: u64,
}

/// A batch of events that the server holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventsAccepted {
    /// The next sequence number that the server wants; all before may be deleted.
    pub next_seq: u64,
}

/// An artifact that the server holds now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArtifactKept {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The end of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishCommand {
    /// The verdict.
    pub status: Status,
    /// How many cases ended how.
    pub summary: Summary,
    /// How many events there are in all; the server must hold them before.
    pub events: u64,
    /// Why it did not run, or was cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A sign of life.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Heartbeat {
    /// The commands at work, whose leases it renews.
    pub running: Vec<CommandId>,
    /// Takes nothing new.
    pub draining: bool,
    /// What the node is, when that has changed or the process is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<NodeInfo>,
}

/// The answer to a sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeartbeatReply {
    /// Commands that it should stop.
    pub cancel: Vec<CommandId>,
    /// Commands that are the node's no longer: lost, given to another, or ended.
    pub gone: Vec<CommandId>,
    /// When to be heard of again, in seconds.
    pub interval_s: u64,
    /// The server's clock.
    pub now: DateTime<Utc>,
}

/// A write that is queued but not yet committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommandAccepted {
    /// Send the same request with this `Idempotency-Key` to learn how it ended.
    pub command: uuid::Uuid,
}
