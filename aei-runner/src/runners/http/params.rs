use std::borrow::Cow;

use aei_core::template::{ByteSize, Period};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::fields::Fields;
use super::multipart::Multipart;
use crate::tls::TlsOptions;

/// Sends an HTTP request and takes the response apart.
///
/// Connections are kept open and cookies are kept for the rest of the case. At most one of
/// `json`, `form`, `multipart`, `body` and `file` gives the request's body.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-one-of-keys" = ["url", "base_url"]))]
pub struct Params {
    /// The method; any token. Default `GET`.
    #[serde(default = "get")]
    pub method: String,
    /// Where to send the request: a full URL, or a path that is appended to `base_url`.
    #[serde(default)]
    pub url: String,
    /// What a `url` without scheme is appended to, with its own path kept: `/pets` on
    /// `http://host/v1` is `http://host/v1/pets`. Mostly set once in `defaults`.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Parameters to add to the URL's query; a list repeats its name, `null` leaves it out.
    #[serde(default)]
    pub query: Fields,
    /// Headers to send; a list repeats its name, `null` leaves it out.
    #[serde(default)]
    pub headers: Fields,
    /// A body sent as JSON.
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    /// A body sent as an HTML form (`application/x-www-form-urlencoded`).
    #[serde(default)]
    pub form: Option<Fields>,
    /// A body sent as `multipart/form-data`: texts and files.
    #[serde(default)]
    pub multipart: Option<Multipart>,
    /// A body sent as it is: a text, or bytes as `{ base64: … }`.
    #[serde(default)]
    pub body: Option<RawBody>,
    /// A file sent as the body, relative to the template. Its content type is guessed from its
    /// name.
    #[serde(default)]
    pub file: Option<String>,
    /// How the client says who it is.
    #[serde(default)]
    pub auth: Option<Auth>,
    /// The name of a cookie jar of this case, so that several users can be logged in side by
    /// side. Without it, the case's own jar.
    #[serde(default)]
    pub session: Option<String>,
    /// `false` neither sends nor keeps cookies; a map sends these besides those of the jar.
    #[serde(default)]
    pub cookies: Cookies,
    /// How many redirects to follow: a number, `true` for 10 (the default), or `false` to look
    /// at the redirect itself.
    #[serde(default)]
    pub redirects: Redirects,
    /// The HTTP version: `"1.1"` or `"2"`. Without it, the best that the server offers over TLS,
    /// and 1.1 without TLS, where `"2"` is spoken with prior knowledge.
    #[serde(default)]
    pub version: Option<Version>,
    /// How the server is trusted over `https`, and with which certificate the client shows up.
    #[serde(default)]
    pub tls: TlsOptions,
    /// The proxy's URL, such as `http://user:password@proxy:3128`, or `false` for none. Without
    /// it, `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` of the environment hold, but
    /// not for this machine itself.
    #[serde(default)]
    pub proxy: Option<ProxyChoice>,
    /// A Unix domain socket to connect to, in place of the URL's host.
    #[serde(default)]
    pub unix_socket: Option<String>,
    /// How long connecting may take, with TLS. Default `10s`.
    #[serde(default)]
    pub connect_timeout: Option<Period>,
    /// How long the server may stay silent. Without it, only the step's `timeout` holds.
    #[serde(default)]
    pub read_timeout: Option<Period>,
    /// The largest response body to take, counted after decompression. Default `10MiB`.
    #[serde(default)]
    pub max_body: Option<ByteSize>,
    /// Whether a compressed body (`gzip`, `deflate`, `br`) is unpacked. Default `true`.
    #[serde(default = "yes")]
    pub decompress: bool,
}

fn get() -> String {
    "GET".to_owned()
}

const fn yes() -> bool {
    true
}

/// `json: null` is a body, no `json` is none.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// How the client says who it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// HTTP Basic authentication.
    Basic(Login),
    /// HTTP Digest authentication (RFC 7616) with MD5 or SHA-256: when the server asks for it, the
    /// request is sent once more, with the proof. The outcome is that of the last response.
    Digest(Login),
    /// A token, sent as `Authorization: Bearer …`.
    Bearer(String),
}

/// A name and a password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The user's name.
    pub username: String,
    /// The password.
    #[serde(default)]
    pub password: String,
}

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // YAML reads an unquoted `2` or `1.1` as a number.
        match Value::deserialize(deserializer)? {
            Value::String(text) if text == "1.1" => Ok(Self::Http1),
            Value::String(text) if text == "2" => Ok(Self::Http2),
            Value::Number(number) if number.as_f64() == Some(1.1) => Ok(Self::Http1),
            Value::Number(number) if number.as_f64() == Some(2.0) => Ok(Self::Http2),
            other => Err(de::Error::custom(format_args!(
                "`{other}` is no HTTP version; there are \"1.1\" and \"2\""
            ))),
        }
    }
}

impl JsonSchema for Version {
    fn schema_name() -> Cow<'static, str> {
        "HttpVersion".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["1.1", "2", 1.1, 2] })
    }
}

/// How many redirects to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redirects(pub u32);

impl Default for Redirects {
    fn default() -> Self {
        Self(10)
    }
}

impl<'de> Deserialize<'de> for Redirects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match &value {
            Value::Bool(true) => Some(Self::default()),
            Value::Bool(false) => Some(Self(0)),
            other => other.as_u64().and_then(|count| u32::try_from(count).ok()).map(Self),
        }
        .ok_or_else(|| {
            de::Error::custom(format_args!("`{value}` is neither a boolean nor a number"))
        })
    }
}

impl JsonSchema for Redirects {
    fn schema_name() -> Cow<'static, str> {
        "Redirects".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["boolean", "integer"], "minimum": 0 })
    }
}

/// Whether cookies are kept and sent, and which besides.
#[derive(Debug, Clone, PartialEq)]
pub enum Cookies {
    /// None at all.
    Off,
    /// Those of the jar, and these.
    Jar(Fields),
}

impl Default for Cookies {
    fn default() -> Self {
        Self::Jar(Fields::default())
    }
}

impl<'de> Deserialize<'de> for Cookies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(false) => Ok(Self::Off),
            Value::Bool(true) => Ok(Self::default()),
            map => Fields::deserialize(map)
                .map(Self::Jar)
                .map_err(|error| de::Error::custom(format_args!("{error} (or `false`)"))),
        }
    }
}

impl JsonSchema for Cookies {
    fn schema_name() -> Cow<'static, str> {
        "Cookies".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["boolean", "object"],
            "additionalProperties": { "type": ["string", "number", "boolean"] }
        })
    }
}

/// A proxy, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyChoice {
    /// Straight to the server.
    Direct,
    /// By the proxy at this URL.
    Through(String),
}

impl<'de> Deserialize<'de> for ProxyChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(false) => Ok(Self::Direct),
            Value::String(url) => Ok(Self::Through(url)),
            other => Err(de::Error::custom(format_args!("`{other}` is neither a URL nor `false`"))),
        }
    }
}

impl JsonSchema for ProxyChoice {
    fn schema_name() -> Cow<'static, str> {
        "ProxyChoice".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, { "const": false }] })
    }
}

/// A body as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBody(pub Vec<u8>);

impl<'de> Deserialize<'de> for RawBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text.into_bytes())),
            Value::Object(map) if map.len() == 1 && map.contains_key("base64") => {
                super::multipart::bytes_of_base64(&map["base64"]).map(Self)
            }
            _ => Err(de::Error::custom(
                "`body` is a text or `{ base64: … }`; a map or a list is sent with `json` or `form`",
            )),
        }
    }
}

impl JsonSchema for RawBody {
    fn schema_name() -> Cow<'static, str> {
        "RawBody".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": { "base64": { "type": "string" } },
                    "required": ["base64"],
                    "additionalProperties": false
                }
            ]
        })
    }
}
