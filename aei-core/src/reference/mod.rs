//! The reference pages, in Markdown, made of the doc comments of the types.
//!
//! A page per runner and per operator of checks, one for the template's keys, one for expressions.
//! Nothing here knows a runner by name.

mod checks;
mod expressions;
mod failure;
mod pages;
mod runner;
mod samples;
mod schema_table;
mod template;

pub use pages::pages;
