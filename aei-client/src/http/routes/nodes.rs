use aei_core::api::{Assignments, Node, NodeId, UpdateNode};

use crate::http::{Client, ClientError, Pages};

impl Client {
    /// The nodes of the account (`GET nodes`).
    pub fn nodes(&self) -> Pages<Node> {
        Pages::new(self, &["nodes"])
    }

    /// One node (`GET nodes/{id}`).
    pub async fn node(&self, id: NodeId) -> Result<Node, ClientError> {
        self.json(&self.get(&["nodes", &id.to_string()])).await
    }

    /// Renames or labels a node (`PATCH nodes/{id}`).
    pub async fn update_node(&self, id: NodeId, change: &UpdateNode) -> Result<Node, ClientError> {
        self.json(&self.patch(&["nodes", &id.to_string()]).json(change)?).await
    }

    /// Forgets a node; its token is no longer good (`DELETE nodes/{id}`).
    pub async fn delete_node(&self, id: NodeId) -> Result<(), ClientError> {
        self.done(&self.delete(&["nodes", &id.to_string()])).await
    }

    /// Which node runs which case of a template (`GET assignments/{template}`).
    pub async fn assignments(&self, template: &str) -> Result<Assignments, ClientError> {
        self.json(&self.get(&["assignments", template])).await
    }

    /// Sets which node runs which case of a template (`PUT assignments/{template}`).
    pub async fn set_assignments(
        &self,
        template: &str,
        assignments: &Assignments,
    ) -> Result<(), ClientError> {
        self.done(&self.put(&["assignments", template]).json(assignments)?).await
    }
}
