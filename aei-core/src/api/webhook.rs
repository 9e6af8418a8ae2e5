use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{WebhookDeliveryId, WebhookId};

/// A URL that is told what happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// Its identity.
    pub id: WebhookId,
    /// Where and what.
    pub webhook: NewWebhook,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A webhook to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// The `http` or `https` URL.
    #[cfg_attr(feature = "openapi", schema(format = "uri", max_length = 2048))]
    pub url: String,
    /// What it is told.
    pub events: Vec<WebhookEvent>,
    /// Whether it is on.
    #[serde(default = "on")]
    pub enabled: bool,
}

/// What a webhook is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WebhookEvent {
    /// A run has ended, whatever its verdict.
    RunFinished,
    /// A run has ended and did not pass.
    RunFailed,
    /// A node was lost in the middle of a run.
    NodeLost,
}

/// A webhook just made. Its secret is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookSecret {
    /// The webhook.
    pub webhook: Webhook,
    /// The key of the HMAC-SHA256 in the header `aei-webhook-signature` of every message.
    pub secret: String,
}

/// One message to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// Its identity, also in the header `aei-webhook-id`.
    pub id: WebhookDeliveryId,
    /// What it told.
    pub event: WebhookEvent,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether it got through.
    pub delivered: bool,
    /// The HTTP status of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the last try did not get through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it is tried next; absent when it got through or was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<DateTime<Utc>>,
}

const fn on() -> bool {
    true
}
