use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::read;

/// A format that templates can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceFormat {
    /// Nothing: a template to fill in, with comments.
    Blank,
    /// OpenAPI 3.0 or 3.1, or Swagger 2.0, as JSON or YAML.
    Openapi,
    /// A HAR recording of a browser or proxy.
    Har,
    /// One or more `curl` command lines.
    Curl,
    /// A Postman collection, version 2.
    Postman,
    /// A Hurl file.
    Hurl,
}

impl SourceFormat {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::Blank, Self::Openapi, Self::Har, Self::Curl, Self::Postman, Self::Hurl];

    /// The format that a document seems to be in.
    pub fn detect(name: &str, content: &[u8]) -> Option<Self> {
        match guess(name, content) {
            Guess::Format(format) => Some(format),
            Guess::Other(_) => None,
        }
    }

    /// What a document of this format is called.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Blank => "a blank template",
            Self::Openapi => "an OpenAPI document",
            Self::Har => "a HAR recording",
            Self::Curl => "curl command lines",
            Self::Postman => "a Postman collection",
            Self::Hurl => "a Hurl file",
        }
    }
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "blank",
            Self::Openapi => "openapi",
            Self::Har => "har",
            Self::Curl => "curl",
            Self::Postman => "postman",
            Self::Hurl => "hurl",
        })
    }
}

/// A name that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of `blank`, `openapi`, `har`, `curl`, `postman` and `hurl`")]
pub struct UnknownFormat(String);

impl FromStr for SourceFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text.to_ascii_lowercase().as_str() {
            "swagger" => Ok(Self::Openapi),
            lower => Self::ALL
                .into_iter()
                .find(|format| format.to_string() == lower)
                .ok_or_else(|| UnknownFormat(text.to_owned())),
        }
    }
}

/// What a document seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    Format(SourceFormat),
    /// Something else, in words.
    Other(&'static str),
}

/// What a document seems to be, by its content first and its name second.
pub(super) fn guess(name: &str, content: &[u8]) -> Guess {
    let Some(text) = read::text(content) else { return Guess::Other("binary data") };
    let start = text.trim_start();
    if start.is_empty() {
        return Guess::Other("an empty file");
    }
    if start.starts_with('<') {
        return Guess::Other(if start.starts_with("<?xml") {
            "an XML document"
        } else {
            "a web page"
        });
    }
    let parsed = read::tree("", content).ok();
    if let Some(Value::Object(map)) = &parsed
        && let Some(guess) = by_keys(map)
    {
        return guess;
    }
    by_lines(text).unwrap_or_else(|| {
        let lower = name.to_ascii_lowercase();
        match lower.rsplit('.').next() {
            Some("hurl") => Guess::Format(SourceFormat::Hurl),
            Some("har") => Guess::Format(SourceFormat::Har),
            _ if start.starts_with(['{', '[']) => Guess::Other("some other JSON document"),
            _ => Guess::Other("some other text"),
        }
    })
}

fn by_keys(map: &serde_json::Map<String, Value>) -> Option<Guess> {
    if map.contains_key("openapi") || map.contains_key("swagger") {
        return Some(Guess::Format(SourceFormat::Openapi));
    }
    if map.get("log").is_some_and(|log| log.get("entries").is_some()) {
        return Some(Guess::Format(SourceFormat::Har));
    }
    if map.contains_key("item") && map.contains_key("info")
        || map.get("collection").is_some_and(|c| c.get("item").is_some())
        || map.contains_key("_postman_variable_scope")
    {
        return Some(Guess::Format(SourceFormat::Postman));
    }
    if map.contains_key("requests") && map.contains_key("order") {
        return Some(Guess::Other("a Postman collection of version 1"));
    }
    if map.contains_key("aei") && map.contains_key("cases") {
        return Some(Guess::Other("an AEI template already"));
    }
    if map.contains_key("asyncapi") {
        return Some(Guess::Other("an AsyncAPI document"));
    }
    if map.contains_key("_type") && map.contains_key("resources") {
        return Some(Guess::Other("an Insomnia export"));
    }
    None
}

fn by_lines(text: &str) -> Option<Guess> {
    let first =
        text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let words = first.strip_prefix("$ ").unwrap_or(first);
    if words == "curl" || words.starts_with("curl ") || words.starts_with("curl\\") {
        return Some(Guess::Format(SourceFormat::Curl));
    }
    let (method, target) = first.split_once(' ')?;
    let is_request = method.chars().all(|c| c.is_ascii_uppercase())
        && (target.trim_start().starts_with("http") || target.trim_start().starts_with("{{"));
    is_request.then_some(Guess::Format(SourceFormat::Hurl))
}
