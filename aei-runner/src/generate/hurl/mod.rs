//! Hurl files: one case, a step for each entry.

mod assert;
mod entry;
mod lexer;
mod options;
mod parser;
mod query;
mod template;

pub(super) use template::template;
