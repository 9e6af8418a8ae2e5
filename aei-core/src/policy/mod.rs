//! What a node lets templates do: `policy.toml`, and the questions asked of it.
//!
//! A [`Policy`] is read once, with all its mistakes told; [`Policy::bind`] finds out what its
//! paths and names mean on a machine and for the folder of a template. What comes of it is a
//! [`Guard`]: the engine asks it for kinds and times, runners ask it at the moment of acting.
//! Every answer that is a no is a [`Refusal`] that names the rule by its place in the file.
//!
//! Invariant: what no rule allows is refused; nothing here touches a disk or a network.

mod bound;
mod document;
mod guard;
mod host;
#[expect(clippy::module_inception, reason = "the file of the type that the folder is about")]
mod policy;
mod refusal;
mod rules;
#[cfg(test)]
mod tests;

pub use bound::{BoundPolicy, Places};
pub use guard::{Guard, Limit, Limits, Open, Program};
pub use policy::{Policy, schema};
pub use refusal::Refusal;
