//! Every write of the server, as one enum.
//!
//! A handler makes a [`Command`] in which everything is decided (ids, hashes, the time) and hands
//! it to the queue in an [`Envelope`]; the worker applies it ([`apply`]) and answers with a
//! [`Receipt`]. Applying the same command twice changes nothing: its receipt is kept.

pub(crate) mod apply;
mod receipt;
mod spec;

pub use receipt::{Receipt, Rejection};
pub use spec::*;

use aei_core::api::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A command on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope {
    /// The command's identity; a write that comes twice has the same.
    pub id: Uuid,
    /// Whose data it changes. Commands of one user are applied in order.
    pub user: UserId,
    /// When it was asked for, in microseconds since 1970.
    pub at: i64,
    /// From which address, for the audit log.
    pub address: Option<String>,
    /// What to do.
    pub command: Command,
}

/// Everything that changes the database.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Makes an account.
    RegisterUser(RegisterUser),
    /// Sets a new password and ends all sessions.
    ChangePassword(ChangePassword),
    /// Deletes an account with all its data.
    DeleteUser,
    /// Makes a session or an API token.
    CreateToken(CreateToken),
    /// Ends a session or an API token.
    DeleteToken(DeleteToken),
    /// Makes an enrolment key.
    CreateEnrolmentKey(CreateEnrolmentKey),
    /// Ends an enrolment key.
    DeleteEnrolmentKey(DeleteEnrolmentKey),
    /// Registers a node to a user.
    RegisterNode(RegisterNode),
    /// Renames a node or sets its labels.
    UpdateNode(UpdateNode),
    /// Takes over what a node tells of itself.
    DescribeNode(DescribeNode),
    /// Ends a node: its token and its commands.
    DeleteNode(DeleteNode),
    /// Notes when nodes were last heard of.
    NodesSeen(NodesSeen),
    /// Stores a new version of a template.
    StoreTemplate(StoreTemplate),
    /// Deletes a template.
    DeleteTemplate(DeleteTemplate),
    /// Decides which node runs which case.
    SetAssignments(SetAssignments),
    /// Begins a run: commands for nodes.
    StartRun(StartRun),
    /// Has a run stopped.
    CancelRun(CancelRun),
    /// Deletes a run and what it gave.
    DeleteRun(DeleteRun),
    /// Keeps a run that happened elsewhere.
    ImportRun(ImportRun),
    /// A node takes a command: START → RUNNING.
    TakeCommand(TakeCommand),
    /// Adds events of a command.
    AppendEvents(AppendEvents),
    /// Notes an artifact that is in the object store.
    KeepArtifact(KeepArtifact),
    /// A node is done with a command: RUNNING → gone.
    FinishCommand(FinishCommand),
    /// Believes in running commands for longer.
    RenewLeases(RenewLeases),
    /// Counts a command as lost when its lease is over.
    LoseCommand(LoseCommand),
}
