//! The words of AEI: templates, checks, events and reports, without any I/O.
//!
//! Data flows one way: **bytes → Template → Plan → Events → Report → formats**.
//!
//! - [`source`] reads JSON and YAML into one tree with a place for every node,
//! - [`load`] makes a checked template of files,
//! - [`template`] is the model of what a person writes,
//! - [`schema`] and [`validate`] say what a template may hold, to editors and to people,
//! - [`runner`] is what carries a step out: the traits and their registry,
//! - [`event`] is everything that happens in a run, as one enum,
//! - [`report`] is the fold over events, and the formats made of it,
//! - [`api`] is what server, nodes and clients exchange.
//!
//! Invariant: the same bytes and the same [`Host`](host::Host) give the same plan and the same
//! report. There is no runtime, socket, clock or path of its own in this crate.

pub mod api;
pub mod check;
pub mod diagnostic;
pub mod evaluator;
pub mod event;
pub mod expr;
pub mod host;
pub mod load;
pub mod redact;
pub mod reference;
pub mod report;
pub mod runner;
pub mod schema;
pub mod select;
pub mod source;
pub mod template;
pub mod validate;
