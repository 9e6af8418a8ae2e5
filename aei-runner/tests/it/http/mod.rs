//! `http` steps against real servers.

mod basics;
mod site;
