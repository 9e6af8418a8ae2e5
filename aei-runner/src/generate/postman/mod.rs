//! Postman collections of version 2.0 and 2.1: a case for each request.

mod body;
mod request;
mod script;
mod template;

pub(super) use template::template;
