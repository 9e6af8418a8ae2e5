//! `http` steps against real servers.

mod basics;
mod bodies;
mod proxies;
mod secure;
mod sessions;
pub(crate) mod site;
mod weather;
