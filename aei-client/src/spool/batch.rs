use bytes::Bytes;

/// Events that are sent together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// The number of the first.
    pub(crate) first: u64,
    /// The number after the last.
    pub(crate) next: u64,
    /// One JSON document a line.
    pub(crate) lines: Bytes,
}

/// How large a batch gets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(super) events: u64,
    pub(super) bytes: usize,
}

impl Limits {
    pub(crate) const USUAL: Self = Self { events: 500, bytes: 1 << 20 };

    /// Half as much, down to one event. `None` when it is one already.
    pub(super) const fn halved(self) -> Option<Self> {
        match self.events {
            1 => None,
            events => Some(Self { events: events / 2, bytes: self.bytes / 2 }),
        }
    }
}
