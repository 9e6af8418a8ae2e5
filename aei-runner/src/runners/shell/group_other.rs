//! The processes of a step where there are no process groups.

use aei_core::runner::State;
use tokio::process::Child;
use tokio::time::Instant;

/// What marks the processes of a step in their environment.
#[derive(Debug)]
pub(super) struct Tag;

impl Tag {
    pub(super) const VARIABLE: &str = "AEI_STEP_TAG";

    pub(super) fn value(&self) -> &str {
        ""
    }
}

/// The tag of the next step.
pub(super) const fn next_tag(_: &State) -> Tag {
    Tag
}

/// Only the program itself: it is killed when its handle is dropped.
#[derive(Debug)]
pub(super) struct Group;

impl Group {
    pub(super) fn of(_: &Child, _: Tag) -> Self {
        Self
    }

    pub(super) fn over(&mut self) -> bool {
        true
    }

    pub(super) const fn close(&mut self) {}

    pub(super) fn terminate(&self) -> usize {
        0
    }

    pub(super) async fn gone(&mut self, _: Instant) -> bool {
        true
    }

    pub(super) async fn kill(&mut self) {}
}
