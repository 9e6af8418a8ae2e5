//! Documents with a place for everything.
//!
//! JSON and YAML become one tree of [`Node`]s; every node knows its [`Span`]. Spans are offsets
//! into a [`SourceMap`] that holds all the files of a run one after the other, so one span tells
//! both the file and the place.

mod caret;
mod de;
mod entries;
mod json;
mod limits;
mod map;
mod node;
mod parse;
mod scalar;
mod span;
mod text;
mod toml;
mod write;
mod yaml;
mod yaml_words;

pub use caret::render;
pub use de::{DecodeError, from_node};
pub use limits::{MAX_FILE_BYTES, MAX_NESTING};
pub use map::{Position, SourceFile, SourceMap};
pub use node::{Key, Node, NodeValue};
pub use parse::{Syntax, parse};
pub(crate) use parse::{parse_text, too_large};
pub use span::{Span, Spanned};
pub use write::{to_json, to_yaml};

use crate::diagnostic::Diagnostic;

#[cfg(test)]
mod tests;
