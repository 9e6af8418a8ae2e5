//! What each command carries.

use std::collections::BTreeMap;

use aei_core::api::{
    Assignments, CommandId, EnrolmentKeyId, NodeCommand, NodeId, NodeInfo, RunOrigin, Scope,
    TemplateFormat, TokenId, UserId,
};
use aei_core::event::{RunId, Status, Summary};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The SHA-256 of a secret.
pub type SecretHash = Vec<u8>;

/// Makes an account, of the envelope's user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegisterUser {
    /// The login name, as typed.
    pub name: String,
    /// Of argon2id.
    pub password_hash: String,
}

/// Sets a new password and ends all sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangePassword {
    /// Of argon2id.
    pub password_hash: String,
}

/// Which way a token came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// By logging in; sits in a cookie.
    Session,
    /// By asking for it; sits in a header.
    Api,
}

impl TokenKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Api => "api",
        }
    }
}

/// Makes a session or an API token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateToken {
    /// Its identity.
    pub id: TokenId,
    /// Session or API.
    pub kind: TokenKind,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Of its secret.
    pub hash: SecretHash,
    /// When it ends.
    pub expires_at: Option<i64>,
}

/// Ends a session or an API token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteToken {
    /// Which.
    pub id: TokenId,
}

/// Makes an enrolment key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateEnrolmentKey {
    /// Its identity.
    pub id: EnrolmentKeyId,
    /// What people call it.
    pub name: String,
    /// Labels for its nodes.
    pub labels: BTreeMap<String, String>,
    /// Of its secret.
    pub hash: SecretHash,
    /// When it ends.
    pub expires_at: Option<i64>,
    /// How many nodes may use it.
    pub uses: Option<u32>,
}

/// Ends an enrolment key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteEnrolmentKey {
    /// Which.
    pub id: EnrolmentKeyId,
}

/// Registers a node to the envelope's user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegisterNode {
    /// Its identity to be.
    pub id: NodeId,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub info: NodeInfo,
    /// Of the enrolment key's secret.
    pub key_hash: SecretHash,
    /// Of the node's own secret.
    pub token_hash: SecretHash,
}

/// Renames a node or sets its labels.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateNode {
    /// Which.
    pub id: NodeId,
    /// Its new name.
    pub name: Option<String>,
    /// All labels that are set on the server.
    pub labels: Option<BTreeMap<String, String>>,
}

/// Takes over what a node tells of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DescribeNode {
    /// Which.
    pub id: NodeId,
    /// What it is.
    pub info: NodeInfo,
}

/// Ends a node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteNode {
    /// Which.
    pub id: NodeId,
}

/// Notes when nodes were last heard of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodesSeen {
    /// Which and when.
    pub nodes: Vec<(NodeId, i64)>,
}

/// Stores a new version of a template, whose bytes are in the object store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoreTemplate {
    /// Its name.
    pub name: String,
    /// What it tests.
    pub description: Option<String>,
    /// How it is written.
    pub format: TemplateFormat,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
    /// Of its bytes.
    pub size: u64,
    /// How many cases it has.
    pub cases: u32,
    /// Its detached signature.
    pub signature: Option<String>,
    /// JSON of cases and inputs.
    pub outline: String,
    /// Its number, above all before it: where its bytes are. Another writer who was faster is a
    /// conflict.
    pub version: u32,
}

/// Deletes a template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteTemplate {
    /// Which.
    pub name: String,
}

/// Decides which node runs which case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetAssignments {
    /// Of which template.
    pub template: String,
    /// All of it.
    pub assignments: Assignments,
}

/// Begins a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StartRun {
    /// Its identity.
    pub id: RunId,
    /// Where it came from.
    pub origin: RunOrigin,
    /// The template.
    pub template: String,
    /// The template's version.
    pub version: u32,
    /// The request, secrets left out, as JSON.
    pub request: Value,
    /// When to delete it.
    pub keep_until: Option<i64>,
    /// What each node gets.
    pub parts: Vec<RunPart>,
}

/// One node's part of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunPart {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub node_name: String,
    /// What it is told.
    pub command: NodeCommand,
}

/// Has a run stopped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CancelRun {
    /// Which.
    pub id: RunId,
}

/// Deletes a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteRun {
    /// Which.
    pub id: RunId,
}

/// Keeps a run that happened elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportRun {
    /// Its identity.
    pub id: RunId,
    /// What stands for the command of a node.
    pub command: CommandId,
    /// What stands for the node.
    pub node: NodeId,
    /// Where it ran.
    pub node_name: String,
    /// What it is called.
    pub template: String,
    /// The verdict.
    pub status: Status,
    /// How many cases ended how.
    pub summary: Summary,
    /// When it began.
    pub started_at: i64,
    /// When it ended.
    pub finished_at: i64,
    /// Its cases.
    pub cases: Vec<CaseRow>,
    /// Its measurements.
    pub measurements: Vec<MeasurementRow>,
}

/// A node takes a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakeCommand {
    /// The node.
    pub node: NodeId,
    /// The command.
    pub id: CommandId,
    /// How long to believe in it, in microseconds.
    pub lease: i64,
}

/// Adds events of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppendEvents {
    /// The node.
    pub node: NodeId,
    /// The command.
    pub command: CommandId,
    /// The run, so that the worker need not look it up.
    pub run: RunId,
    /// The first sequence number in `body`.
    pub first: u64,
    /// One past the last sequence number in `body`.
    pub next: u64,
    /// The events, one a line.
    pub body: String,
    /// How long to believe in the command, in microseconds.
    pub lease: i64,
    /// The template, for the history of cases.
    pub template: String,
    /// What the events say of cases.
    pub cases: Vec<CaseRow>,
    /// What they say of measurements.
    pub measurements: Vec<MeasurementRow>,
}

/// What is known of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseRow {
    /// Its place in the plan of the node.
    pub index: u32,
    /// Its id, name and role, and when its last attempt began, when the events tell.
    pub started: Option<CaseStart>,
    /// How it ended, when the events tell.
    pub ended: Option<CaseEnd>,
}

/// The beginning of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseStart {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `case`, `setup` or `teardown`.
    pub role: String,
    /// When its last attempt began.
    pub at: i64,
}

/// The end of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseEnd {
    /// How.
    pub status: Status,
    /// Passed, but not at the first attempt.
    pub flaky: bool,
    /// How long, in microseconds.
    pub duration_us: u64,
    /// Why.
    pub reason: Option<String>,
}

/// A value measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasurementRow {
    /// The sequence number of the event that tells of it.
    pub seq: u64,
    /// Its place in that event.
    pub place: u32,
    /// The case's place in the plan.
    pub case: u32,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: Option<String>,
    /// The value.
    pub value: Option<f64>,
    /// The least allowed.
    pub low: Option<f64>,
    /// The most allowed.
    pub high: Option<f64>,
    /// Whether it kept to its limits.
    pub passed: bool,
    /// When.
    pub at: i64,
}

/// Notes an artifact.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeepArtifact {
    /// The node.
    pub node: NodeId,
    /// The command.
    pub command: CommandId,
    /// Its path in the run.
    pub path: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A node is done with a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FinishCommand {
    /// The node.
    pub node: NodeId,
    /// The command.
    pub id: CommandId,
    /// The verdict.
    pub status: Status,
    /// How many cases ended how.
    pub summary: Summary,
    /// How many events there are.
    pub events: u64,
    /// Why it was cut short.
    pub reason: Option<String>,
}

/// Believes in running commands for longer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenewLeases {
    /// The node.
    pub node: NodeId,
    /// The commands it says it works at.
    pub commands: Vec<CommandId>,
    /// For how long, in microseconds.
    pub lease: i64,
}

/// Counts a command as lost.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoseCommand {
    /// Which.
    pub id: CommandId,
    /// The user, for the new parts.
    pub user: UserId,
    /// Its lease as it was seen: a renewal in between wins.
    pub lease_until: i64,
    /// Who gets its cases instead.
    pub reassign: Option<RunPart>,
}
