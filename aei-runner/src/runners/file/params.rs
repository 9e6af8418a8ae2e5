use aei_core::template::ByteSize;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Looks at a file or a folder, after it wrote, copied, moved or deleted it, if it is told to.
///
/// Paths are relative to the folder of the template. A `path` that is not there fails the step,
/// unless `expect` says something of `exists`, or the step itself deleted or moved what was there;
/// a `glob` may find nothing.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-one-of-keys" = ["path", "glob"]))]
pub struct Params {
    /// The file or folder.
    #[serde(default)]
    pub path: Option<String>,
    /// Finds files by a pattern, such as `out/**/*.log`, below `path`. `*` stays within a folder,
    /// `**` goes through all below; `{a,b}` and `[0-9]` work.
    #[serde(default)]
    pub glob: Option<String>,
    /// What to make of the content. Default: `auto`.
    #[serde(default)]
    pub read: Read,
    /// Writes this text, replacing what the file held. Missing folders are made.
    #[serde(default)]
    pub write: Option<String>,
    /// Writes this value as JSON.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub write_json: Option<Value>,
    /// Writes these bytes, given in base64.
    #[serde(default)]
    pub write_base64: Option<String>,
    /// Adds this text at the end of the file.
    #[serde(default)]
    pub append: Option<String>,
    /// Copies the file, or the folder with all that is in it, to this path.
    #[serde(default)]
    pub copy_to: Option<String>,
    /// Moves the file or folder to this path.
    #[serde(default)]
    pub move_to: Option<String>,
    /// Makes a folder, and those above it.
    #[serde(default)]
    pub mkdir: bool,
    /// Deletes the file, or the folder with all that is in it. One that is not there is no error.
    #[serde(default)]
    pub delete: bool,
    /// The most that is read into the outcome. Default: 1MiB.
    #[serde(default)]
    pub max_size: Option<ByteSize>,
}

/// What to make of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    /// Text when it is text, JSON when it is JSON, nothing when it is longer than `max_size`.
    #[default]
    Auto,
    /// Text; an error when it is none or too long.
    Text,
    /// JSON; an error when it is none or too long.
    Json,
    /// Bytes, as base64; an error when there are too many.
    Bytes,
    /// Nothing: the file is not opened.
    None,
}

/// `null` is a value to write, not the absence of one.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
