use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CommandId, NodeId, RunSettings, ScheduleId};
use crate::event::{RunId, Status, Summary};

/// A run to begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// The template's name.
    pub template: String,
    /// Its version; the latest when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Where to run it.
    #[serde(default)]
    pub target: Target,
    /// Ids of cases, exact or as globs; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
    /// Shares the cases out over the nodes by how long they took before, instead of running all
    /// on each.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spread: bool,
    /// Values of inputs. Secret ones are kept for the nodes and never shown.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub inputs: Map<String, Value>,
    /// How each node is to carry it out.
    #[serde(default)]
    pub settings: RunSettings,
    /// Gives the cases of a lost node to another that fits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reassign_lost: bool,
    /// A node that was cut off in the middle may run its cases again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rerun_if_interrupted: bool,
    /// Deletes the run and its reports after so many days; the server's own number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
    /// Runs only what did not pass in this run, where it did not pass. `target` and `cases` are
    /// not looked at then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun_failed: Option<RunId>,
}

/// Where to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// On all nodes.
    #[default]
    All,
    /// Each case where it is assigned.
    Assigned,
    /// On these nodes.
    Nodes(Vec<NodeId>),
    /// On nodes with such labels: `os=linux, rack!=7`.
    Labels(String),
}

/// A run over nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    /// Its identity.
    pub id: RunId,
    /// The template's name.
    pub template: String,
    /// The template's version; absent for a run that was uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Where it came from.
    pub origin: RunOrigin,
    /// How far it has come.
    pub state: RunState,
    /// The verdict over all nodes, once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How many cases ended how, over all nodes, so far.
    pub summary: Summary,
    /// The request, secrets left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<NewRun>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the first node began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When the last node ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
    /// How far each node has come. Left empty in lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<RunNode>,
}

/// Where a run came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunOrigin {
    /// Somebody asked for it.
    Request,
    /// A schedule did.
    Schedule(ScheduleId),
    /// It ran elsewhere, and its report was sent here.
    Upload,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// No node has begun.
    Waiting,
    /// Some node is at work.
    Running,
    /// Somebody cancelled it; nodes are being told.
    Cancelling,
    /// All nodes have ended.
    Finished,
}

/// One node's part of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunNode {
    /// The node.
    pub node_id: NodeId,
    /// Its name at the time.
    pub name: String,
    /// The command it was given.
    pub command: CommandId,
    /// How far it has come.
    pub state: NodeRunState,
    /// The verdict, once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How many cases ended how, so far.
    pub summary: Summary,
    /// The cases it was given; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<Vec<String>>,
    /// Why it was lost, refused or cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
}

/// How far a node has come with its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeRunState {
    /// Its command waits for it.
    Start,
    /// It is at work.
    Running,
    /// It has ended.
    Finished,
    /// It was not heard of in time.
    Lost,
}

/// One case of a run on one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunCase {
    /// The node.
    pub node_id: NodeId,
    /// The place of the case in the plan of the node.
    pub case: u32,
    /// Its id, with matrix values.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it ended; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Passed, but not at the first attempt.
    pub flaky: bool,
    /// When its last attempt began.
    pub started_at: DateTime<Utc>,
    /// How long its last attempt took, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_us: Option<u64>,
    /// Why it was skipped, cancelled or timed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a case has done over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseHistory {
    /// The template.
    pub template: String,
    /// The id of the case.
    pub case: String,
    /// How it ended each time, newest first.
    pub outcomes: Vec<CaseOutcome>,
}

/// One time that a case ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseOutcome {
    /// The run.
    pub run_id: RunId,
    /// The node.
    pub node_id: NodeId,
    /// How it ended.
    pub status: Status,
    /// Passed, but not at the first attempt.
    pub flaky: bool,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long, in microseconds.
    pub duration_us: u64,
}
