//! `curl` command lines, as shells and browsers write them: a case for each.

mod apply;
mod build;
mod command;
mod flags;
mod shell;
mod template;

pub(super) use template::template;
