//! A request as a step of the `http` runner: the one place that knows the names of its `with`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::document::{literal, literal_text};

/// A request in the making. The body is foreign and stays as it is; the other texts are template
/// texts already.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    /// Address or path; a template text already.
    pub(super) url: String,
    pub(super) query: Vec<(String, Value)>,
    pub(super) headers: Vec<(String, Value)>,
    pub(super) cookies: Vec<(String, Value)>,
    pub(super) body: Body,
    /// What goes into `with` as it is.
    pub(super) extra: Map<String, Value>,
}

/// What a request sends.
#[derive(Debug, Default)]
pub(super) enum Body {
    #[default]
    None,
    Json(Value),
    Form(Vec<(String, Value)>),
    Multipart(Vec<(String, Value)>),
    Text(String),
    Bytes(Vec<u8>),
    /// A file beside the template.
    File(String),
    /// A text that is a template text already.
    Template(String),
    /// A value whose texts are template texts already.
    TemplateJson(Value),
}

impl Request {
    /// The `with` of the step.
    pub(super) fn into_with(self) -> Map<String, Value> {
        let mut with = Map::new();
        with.insert("method".to_owned(), self.method.into());
        with.insert("url".to_owned(), self.url.into());
        if !self.query.is_empty() {
            with.insert("query".to_owned(), grouped(self.query));
        }
        if !self.headers.is_empty() {
            with.insert("headers".to_owned(), grouped(self.headers));
        }
        if !self.cookies.is_empty() {
            with.insert("cookies".to_owned(), grouped(self.cookies));
        }
        match self.body {
            Body::None => {}
            Body::Json(value) => {
                with.insert("json".to_owned(), literal(&value));
            }
            Body::Form(fields) => {
                with.insert("form".to_owned(), grouped(fields));
            }
            Body::Multipart(parts) => {
                with.insert("multipart".to_owned(), grouped(parts));
            }
            Body::Text(text) => {
                with.insert("body".to_owned(), literal_text(&text).into());
            }
            Body::Bytes(bytes) => {
                with.insert("body".to_owned(), json!({ "base64": STANDARD.encode(bytes) }));
            }
            Body::File(path) => {
                with.insert("file".to_owned(), path.into());
            }
            Body::Template(text) => {
                with.insert("body".to_owned(), text.into());
            }
            Body::TemplateJson(value) => {
                with.insert("json".to_owned(), value);
            }
        }
        with.extend(self.extra);
        with
    }
}

/// Pairs as a map; a name that comes more than once has a list.
pub(super) fn grouped(pairs: Vec<(String, Value)>) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        match map.get_mut(&name) {
            None => {
                map.insert(name, value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Value::Object(map)
}
