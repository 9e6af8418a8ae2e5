use aei_core::template::Period;
use schemars::JsonSchema;
use serde::Deserialize;

/// Waits: for a length of time, or until a port accepts connections or a file exists.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-one-of-keys" = ["for", "port", "file"]))]
pub struct Params {
    /// How long to wait.
    #[serde(default, rename = "for")]
    pub period: Option<Period>,
    /// Waits until this `host:port` accepts a TCP connection.
    #[serde(default)]
    pub port: Option<String>,
    /// Waits until this file or folder exists; relative to the folder of the template.
    #[serde(default)]
    pub file: Option<String>,
    /// How long to wait for `port` or `file` before the step gives up. Default: 30s.
    #[serde(default)]
    pub up_to: Option<Period>,
}
