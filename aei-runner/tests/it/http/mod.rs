//! `http` steps against real servers.

mod auth;
mod basics;
mod bodies;
mod proxies;
mod secure;
mod sessions;
pub(crate) mod site;
mod weather;
