use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{NodeId, UserId};
use crate::event::RunId;

/// What has changed, for a page that shows it. The event's name is the variant's, its data the
/// JSON; who is told asks for what it wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserEvent {
    /// A node came, went, began, ended, or was renamed.
    Node(NodeId),
    /// A run began, went on or ended.
    Run(RunId),
    /// Templates or assignments changed.
    Templates,
    /// Tokens, keys, schedules or webhooks changed.
    Settings,
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// Whose account.
    pub user_id: UserId,
    /// What, such as `token.created`.
    pub action: String,
    /// To what: an id or a name.
    pub subject: String,
    /// From which address, when it came over the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Whether the server is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok`, or what is wrong.
    pub status: String,
    /// The version of AEI.
    pub version: String,
}
