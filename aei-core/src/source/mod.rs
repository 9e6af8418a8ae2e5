//! Documents with a place for everything.
//!
//! JSON and YAML become one tree of [`Node`]s; every node knows its [`Span`]. Spans are offsets
//! into a [`SourceMap`] that holds all the files of a run one after the other, so one span tells
//! both the file and the place.

mod de;
mod map;
mod node;
mod span;

pub use de::{DecodeError, from_node};
pub use map::{Position, SourceFile, SourceMap};
pub use node::{Key, Node, NodeValue};
pub use span::{Span, Spanned};
