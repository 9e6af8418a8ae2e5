//! `http` steps against real servers.

mod basics;
mod bodies;
mod proxies;
mod secure;
mod sessions;
mod site;
mod weather;
