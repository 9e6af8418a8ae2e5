//! HAR 1.2 recordings of browsers and proxies: one case that replays the requests in order.

mod body;
mod entry;
mod headers;
mod template;

pub(super) use template::template;
