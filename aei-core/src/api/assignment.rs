use serde::{Deserialize, Serialize};

use super::NodeId;

/// Which node runs which case of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Assignments {
    /// The ticked boxes of the grid.
    pub cases: Vec<AssignedCase>,
    /// Rules by label; they add to the boxes.
    pub rules: Vec<AssignmentRule>,
}

/// One ticked box.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignedCase {
    /// The id of the case, without matrix values.
    pub case: String,
    /// The node.
    pub node: NodeId,
}

/// Cases that go to every node with certain labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignmentRule {
    /// Ids of cases, exact or as a glob.
    pub cases: String,
    /// What the node's labels must be: `os=linux, rack!=7`.
    pub labels: String,
}
