//! The words that server, node, command line and web page exchange: JSON over HTTP.
//!
//! Types only, without behaviour; `aei-server` answers in them, `aei-client` asks in them. All
//! paths are below [`PREFIX`]; every error is a [`Problem`].

mod account;
mod assignment;
mod command;
mod feed;
mod ids;
mod node;
mod page;
mod problem;
mod run;
mod schedule;
mod template;
mod webhook;

pub use account::{
    ChangePassword, CreatedEnrolmentKey, CreatedToken, Credentials, EnrolmentKey, NewEnrolmentKey,
    NewToken, Scope, Token, User,
};
pub use assignment::{AssignedCase, AssignmentRule, Assignments};
pub use command::{
    ArtifactKept, CommandAccepted, CommandLease, CommandState, EventsAccepted, FinishCommand,
    Heartbeat, HeartbeatReply, NodeCommand, NodeMessage, PendingCommands, RunSettings,
    TemplateReference,
};
pub use feed::{AuditEntry, Health, UserEvent};
pub use ids::{
    CommandId, EnrolmentKeyId, NodeId, ScheduleId, TokenId, UserId, WebhookDeliveryId, WebhookId,
};
pub use node::{Node, NodeInfo, NodePresence, RegisterNode, RegisteredNode, UpdateNode};
pub use page::{Page, PageQuery};
pub use problem::{Mistake, Problem};
pub use run::{
    CaseHistory, CaseOutcome, NewRun, NodeRunState, Run, RunCase, RunNode, RunOrigin, RunState,
    Target,
};
pub use schedule::{NewSchedule, Schedule};
pub use template::{Template, TemplateCase, TemplateFormat, TemplateInput, TemplateVersion};
pub use webhook::{NewWebhook, Webhook, WebhookDelivery, WebhookEvent, WebhookSecret};

/// What every path of the API begins with.
pub const PREFIX: &str = "/api/v1";

/// The header that carries a template's detached signature, up and down.
pub const SIGNATURE_HEADER: &str = "aei-signature";

/// The header by which a caller names a write, so that sending it twice does it once. A UUID.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";

/// The media type of event batches: one JSON document a line.
pub const NDJSON: &str = "application/x-ndjson";
