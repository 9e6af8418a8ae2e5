use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// The response, and how it came about.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Outcome {
    /// The status code.
    pub status: u16,
    /// The reason phrase, as sent or as the status code's usual one.
    pub reason: String,
    /// The HTTP version: `1.0`, `1.1` or `2`.
    pub version: &'static str,
    /// The URL that answered, after redirects.
    pub url: String,
    /// The headers by lower-case name; repeated ones are joined by `, `.
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: Map<String, Value>,
    /// The cookies that this response set, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cookies: BTreeMap<String, SetCookie>,
    /// The body as text, unpacked, in the charset that it says it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The body as JSON, when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// Why a body that says that it is JSON is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json_error: Option<String>,
    /// The body's bytes in base64, when they are no valid text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The number of bytes of the body, unpacked.
    pub size: u64,
    /// How long all of it took, redirects too, in milliseconds.
    pub duration_ms: f64,
    /// Where the time of the last exchange went.
    pub timings: Timings,
    /// The redirects that were followed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<Hop>,
    /// Whom the connection was with: IP address and port, or the path of a socket.
    pub remote: String,
    /// What was agreed upon over TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
}

/// Where the time of an exchange went, in milliseconds.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
pub struct Timings {
    /// Finding the address of the host.
    pub dns_ms: f64,
    /// Connecting, through a proxy if there is one.
    pub connect_ms: f64,
    /// The TLS handshake.
    pub tls_ms: f64,
    /// From the start of the exchange until the request was written.
    pub send_ms: f64,
    /// From then to the first byte of the response.
    pub wait_ms: f64,
    /// From the first byte of the response to its last.
    pub receive_ms: f64,
    /// Whether a connection of an earlier request was used.
    pub reused: bool,
}

/// A redirect that was followed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Hop {
    /// The status code of the redirect.
    pub status: u16,
    /// The URL that redirected.
    pub url: String,
}

/// A cookie as the response set it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SetCookie {
    /// Its value.
    pub value: String,
    /// The path it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The domain it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// When it ends (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// After how many seconds it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i64>,
    /// Whether it is sent over TLS only.
    pub secure: bool,
    /// Whether it is hidden from scripts.
    pub http_only: bool,
    /// `Strict`, `Lax` or `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_site: Option<String>,
}

/// What was agreed upon over TLS.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TlsFacts {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: String,
    /// The cipher suite.
    pub cipher: String,
    /// The protocol agreed upon (ALPN), such as `h2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// The SHA-256 of the server's certificate, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
}
