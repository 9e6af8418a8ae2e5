use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What is at the path now.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Outcome {
    /// Whether there is anything; for a `glob`, whether anything was found.
    pub exists: bool,
    /// What the step did before it looked. Absent when it only looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<Deed>,
    /// What it is; links are followed. Absent when there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The full path.
    pub path: String,
    /// Where the path leads, when it is a symbolic link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_to: Option<String>,
    /// The size in bytes, of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// When it was last changed, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The permissions in octal, such as `0644`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The content as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many lines the text has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
    /// The content as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// The content in base64, for `read: bytes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The SHA-256 of the content in hexadecimal, however long the file is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What a `glob` found, or what is in the folder, sorted by path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<Found>>,
}

/// What a step does to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It wrote or appended.
    Written,
    /// It copied the file or folder.
    Copied,
    /// It moved the file or folder away.
    Moved,
    /// It made the folder.
    Made,
    /// It deleted the file or folder, if there was one.
    Deleted,
}

/// One of several files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Found {
    /// Its path below `path`, with `/` on every system.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes, of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link that leads nowhere.
    Link,
    /// A socket, a pipe, a device.
    Other,
}
