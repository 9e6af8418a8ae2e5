//! The template that a generator makes, and its writing as YAML with comments.
//!
//! Generators fill a [`Draft`]; only this module knows how YAML is spelled. Texts that come from
//! outside pass through [`literal()`], so that nothing foreign is taken for an expression.

mod draft;
mod literal;
mod slug;
mod yaml;

pub(super) use draft::{Draft, DraftCase, DraftInput, DraftStep};
pub(super) use literal::{literal, literal_text};
pub(super) use slug::Slugs;
