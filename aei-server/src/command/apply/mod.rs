//! Carries commands out inside the worker's transaction.
//!
//! Each function checks first and writes after; one that rejects has its writes taken back all the
//! same. What others should hear of goes into [`News`], sent after the commit.

mod account;
mod node;
mod run;
mod template;
mod work;

use aei_core::api::{NodeId, NodeMessage, UserEvent, UserId};
use serde::Serialize;
use serde_json::Value;

use super::{Command, Envelope, Rejection};
use crate::store::{Connection, Micros, StoreError, audit};

/// What is told to the world after a commit.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    /// Pages of a user.
    User(UserId, UserEvent),
    /// A node.
    Node(NodeId, Box<NodeMessage>),
    /// Tokens were ended: nobody may believe in what he remembers of them.
    Tokens,
    /// A node's token was ended: its stream ends.
    NodeGone(NodeId),
}

/// A command that was not carried out.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// For its own fault.
    Rejected(Rejection),
    /// For the database's.
    Store(StoreError),
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a command gives.
pub(crate) type Applied<T = Value> = Result<T, Refusal>;

/// A command being carried out.
pub(crate) struct Applying<'a> {
    pub(crate) db: &'a mut Connection,
    pub(crate) envelope: &'a Envelope,
    pub(crate) news: &'a mut Vec<News>,
}

impl Applying<'_> {
    pub(crate) const fn user(&self) -> UserId {
        self.envelope.user
    }

    pub(crate) const fn at(&self) -> Micros {
        self.envelope.at
    }

    /// Tells the user's pages.
    pub(crate) fn tell(&mut self, event: UserEvent) {
        let news = News::User(self.user(), event);
        // One word is enough: who hears it asks for all.
        self.news.push(news);
    }

    /// Writes into the audit log.
    pub(crate) async fn log(&mut self, action: &str, subject: impl ToString) -> Applied<()> {
        audit::insert(self.db, self.envelope, action, &subject.to_string()).await?;
        Ok(())
    }
}

/// Carries one command out.
pub(crate) async fn apply(cx: &mut Applying<'_>) -> Applied {
    match &cx.envelope.command {
        Command::RegisterUser(command) => account::register_user(cx, command).await,
        Command::ChangePassword(command) => account::change_password(cx, command).await,
        Command::DeleteUser => account::delete_user(cx).await,
        Command::CreateToken(command) => account::create_token(cx, command).await,
        Command::DeleteToken(command) => account::delete_token(cx, command).await,
        Command::CreateEnrolmentKey(command) => account::create_key(cx, command).await,
        Command::DeleteEnrolmentKey(command) => account::delete_key(cx, command).await,
        Command::RegisterNode(command) => node::register(cx, command).await,
        Command::UpdateNode(command) => node::update(cx, command).await,
        Command::DescribeNode(command) => node::describe(cx, command).await,
        Command::DeleteNode(command) => node::delete(cx, command).await,
        Command::NodesSeen(command) => node::seen(cx, command).await,
        Command::StoreTemplate(command) => template::store(cx, command).await,
        Command::DeleteTemplate(command) => template::delete(cx, command).await,
        Command::SetAssignments(command) => template::assign(cx, command).await,
        Command::StartRun(command) => run::start(cx, command).await,
        Command::CancelRun(command) => run::cancel(cx, command).await,
        Command::DeleteRun(command) => run::delete(cx, command).await,
        Command::ImportRun(command) => run::import(cx, command).await,
        Command::TakeCommand(command) => work::take(cx, command).await,
        Command::AppendEvents(command) => work::append_events(cx, command).await,
        Command::KeepArtifact(command) => work::keep_artifact(cx, command).await,
        Command::FinishCommand(command) => work::finish(cx, command).await,
        Command::RenewLeases(command) => work::renew(cx, command).await,
        Command::LoseCommand(command) => work::lose(cx, command).await,
    }
}
