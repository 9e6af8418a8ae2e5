//! OpenAPI 3.0 and 3.1 and Swagger 2.0: a case for each operation.

mod body;
mod documents;
mod keyword;
mod operation;
mod parameter;
mod pattern;
mod response;
mod sample;
mod schema;
mod security;
mod servers;
mod template;
mod words;

pub(super) use template::template;
