//! JSON Schemas (2020-12) for editors and other programs.
//!
//! [`template`] joins the schema of the template's types with what every runner of a registry
//! says of its `with` and its outcome, so that an editor completes `with` by `uses`. [`event`] and
//! [`report`] describe what a run writes. Nothing here is written by hand: texts are the doc
//! comments of the types.

mod compose;
mod expression;
mod kind;
mod tidy;

pub(crate) use compose::{CHECK_TEXTS, titled};
pub use compose::{event, report, template};
pub(crate) use tidy::{paragraph, without_null};
