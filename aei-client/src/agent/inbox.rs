use aei_core::api::{CommandId, NodeCommand};

/// What the server tells a node, by whatever way it came.
#[derive(Debug)]
pub(super) enum Told {
    /// Carry this out. Comes again and again until it is done.
    Command(Box<NodeCommand>),
    /// Stop this.
    Cancel(CommandId),
    /// This is the node's no longer.
    Gone(CommandId),
    /// The token is not good any more.
    Unauthorised,
}

/// How many words of the server may wait.
pub(super) const INBOX: usize = 256;

pub(super) type Outbox = tokio::sync::mpsc::Sender<Told>;
