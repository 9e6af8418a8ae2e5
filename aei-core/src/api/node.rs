use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{CommandId, NodeId, UserId};

/// A machine registered to a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Node {
    /// Its identity.
    pub id: NodeId,
    /// What people call it.
    pub name: String,
    /// Whether it is there, and at work.
    pub presence: NodePresence,
    /// What it is: `os`, `arch`, `hostname`, and labels of its own.
    pub labels: BTreeMap<String, String>,
    /// What it told of itself.
    pub info: NodeInfo,
    /// When it registered.
    pub registered_at: DateTime<Utc>,
    /// When it was last heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<DateTime<Utc>>,
    /// The commands it has.
    pub commands: Vec<CommandId>,
}

/// Whether a node is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodePresence {
    /// Heard of within the last heartbeats, with nothing to do.
    Online,
    /// Running something.
    Busy,
    /// Finishing what it has, taking nothing new.
    Draining,
    /// Not heard of.
    Offline,
}

/// What a node tells of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NodeInfo {
    /// The version of AEI.
    pub version: String,
    /// `os`, `arch`, `hostname` and labels given on the node itself.
    pub labels: BTreeMap<String, String>,
    /// The runner kinds it has.
    pub runners: Vec<String>,
    /// How many cases it runs at a time.
    pub jobs: u32,
    /// Its policy in words, one rule a line; empty without one.
    pub policy: Vec<String>,
}

/// A change of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UpdateNode {
    /// A new name: 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The labels set on the server, all of them; they win over the node's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
}

/// A node that wants to belong to a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterNode {
    /// The user.
    pub user_id: UserId,
    /// The secret of an enrolment key of that user.
    pub key: String,
    /// What people will call it: 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub info: NodeInfo,
}

/// A node that now belongs to a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredNode {
    /// The Node ID.
    pub node_id: NodeId,
    /// Its secret, shown this once; it sends it as `Authorization: Bearer …`.
    pub token: String,
}
