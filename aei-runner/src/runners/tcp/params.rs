use aei_core::template::{ByteSize, Period};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::tls::TlsOptions;

/// Opens a TCP connection, with TLS if asked, then sends and expects in turn.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-one-of-keys" = ["address", "session"]))]
pub struct Params {
    /// Where to connect: `host:port`. Not needed to go on with a `session`.
    #[serde(default)]
    pub address: Option<String>,
    /// Speaks TLS; `{}` for the usual options.
    #[serde(default)]
    pub tls: Option<TlsOptions>,
    /// Keeps the connection under this name: a later step of the case that names it goes on with
    /// it.
    #[serde(default)]
    pub session: Option<String>,
    /// What to send and what to expect, in turn. The first expectation that is not met ends it.
    #[serde(default)]
    pub exchange: Vec<Turn>,
    /// How long connecting, and each turn, may take. Default: 5s.
    #[serde(default)]
    pub within: Option<Period>,
    /// The most that is received in one step. Default: 1MiB.
    #[serde(default)]
    pub max_received: Option<ByteSize>,
}

/// One turn of an exchange: one key, and `within` for an expectation.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Sends a text, as it is: a line needs its `\r\n`.
    #[serde(default)]
    pub send: Option<String>,
    /// Sends bytes, in hexadecimal; blanks do not matter.
    #[serde(default)]
    pub send_hex: Option<String>,
    /// Sends the content of a file, relative to the folder of the template.
    #[serde(default)]
    pub send_file: Option<String>,
    /// Closes our side: the other one is told that nothing more comes.
    #[serde(default)]
    pub send_end: bool,
    /// Reads until this text has come.
    #[serde(default)]
    pub expect: Option<String>,
    /// Reads until this regular expression fits.
    #[serde(default)]
    pub expect_regex: Option<String>,
    /// Reads until these bytes have come, in hexadecimal; blanks do not matter.
    #[serde(default)]
    pub expect_hex: Option<String>,
    /// Reads this many bytes.
    #[serde(default)]
    pub expect_length: Option<usize>,
    /// Reads one line, to its line end.
    #[serde(default)]
    pub expect_line: bool,
    /// Reads until the other side closes the connection.
    #[serde(default)]
    pub expect_close: bool,
    /// How long this expectation may take, when not as long as `within` of the step.
    #[serde(default)]
    pub within: Option<Period>,
}
