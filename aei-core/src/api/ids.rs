use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            JsonSchema,
        )]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// Who owns nodes, templates and runs. People read it off the page and give it to their nodes.
    UserId
}
id! {
    /// A machine registered to a user.
    NodeId
}
id! {
    /// One order to one node.
    CommandId
}
id! {
    /// An API token.
    TokenId
}
id! {
    /// A key by which nodes register.
    EnrolmentKeyId
}
id! {
    /// A schedule.
    ScheduleId
}
id! {
    /// A webhook.
    WebhookId
}
id! {
    /// One message sent to a webhook.
    WebhookDeliveryId
}
