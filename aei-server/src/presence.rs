//! Which nodes are there. Kept in memory: a heartbeat is no write to the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aei_core::api::{CommandId, NodeId, NodePresence};

/// Who was heard of, and when.
#[derive(Clone, Default)]
pub struct Presence {
    nodes: Arc<Mutex<HashMap<NodeId, Seen>>>,
}

struct Seen {
    at: Instant,
    /// By the wall clock, in microseconds since 1970.
    wall: i64,
    draining: bool,
    busy: bool,
    /// Not yet in the database.
    fresh: bool,
}

impl Presence {
    /// Notes a sign of life.
    pub(crate) fn seen(&self, node: NodeId, wall: i64, running: &[CommandId], draining: bool) {
        let seen =
            Seen { at: Instant::now(), wall, draining, busy: !running.is_empty(), fresh: true };
        self.lock().insert(node, seen);
    }

    /// Notes a sign of life that says nothing of what the node does.
    pub(crate) fn seen_idle(&self, node: NodeId, wall: i64) {
        let mut nodes = self.lock();
        let before = nodes.get(&node);
        let (draining, busy) = before.map_or((false, false), |seen| (seen.draining, seen.busy));
        nodes.insert(node, Seen { at: Instant::now(), wall, draining, busy, fresh: true });
    }

    /// How a node is, when it counts as gone after `patience` without a sign of life.
    pub(crate) fn of(&self, node: NodeId, patience: Duration) -> NodePresence {
        match self.lock().get(&node) {
            Some(seen) if seen.at.elapsed() <= patience => {
                if seen.draining {
                    NodePresence::Draining
                } else if seen.busy {
                    NodePresence::Busy
                } else {
                    NodePresence::Online
                }
            }
            _ => NodePresence::Offline,
        }
    }

    /// When a node was last heard of, by the wall clock.
    pub(crate) fn last_seen(&self, node: NodeId) -> Option<i64> {
        self.lock().get(&node).map(|seen| seen.wall)
    }

    /// What the database does not know yet.
    pub(crate) fn take_fresh(&self) -> Vec<(NodeId, i64)> {
        let mut nodes = self.lock();
        let fresh = nodes.iter_mut().filter(|(_, seen)| seen.fresh);
        fresh
            .map(|(node, seen)| {
                seen.fresh = false;
                (*node, seen.wall)
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, Seen>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
