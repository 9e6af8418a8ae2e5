//! The routes, by resource.

mod account;
mod feed;
mod node;
mod nodes;
mod runs;
mod schedules;
mod templates;
mod webhooks;

pub use account::Login;
pub use feed::UserEvents;
pub use node::CommandStream;
pub use runs::{ReportFile, RunEvents};
pub use templates::TemplateBytes;
