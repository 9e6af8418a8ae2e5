use super::SourceFormat;
use super::format::{Guess, guess};

/// Why no template could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// The document is something else.
    #[error("this is not {}, it seems to be {seems}{}", expected.what(), hint(*format))]
    WrongFormat {
        /// What was asked for.
        expected: SourceFormat,
        /// What the document seems to be.
        seems: &'static str,
        /// The format that would fit.
        format: Option<SourceFormat>,
    },
    /// A version that is not read.
    #[error("{what} of version `{found}` is not supported; supported: {supported}")]
    Version {
        /// What the document is.
        what: &'static str,
        /// The version that it names.
        found: String,
        /// The versions that are read.
        supported: &'static str,
    },
    /// The document cannot be parsed as JSON or YAML.
    #[error("{message}")]
    Syntax {
        /// What is wrong, with the line and a caret.
        message: String,
    },
    /// A mistake at a place of a text format.
    #[error("line {line}, column {column}: {message}")]
    At {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// The document has nothing to make cases of.
    #[error("the document has no {what}")]
    Nothing {
        /// What there should be.
        what: &'static str,
    },
    /// The document could not be fetched.
    #[error("cannot fetch `{url}`: {reason}")]
    Fetch {
        /// The address.
        url: String,
        /// Why not.
        reason: String,
    },
}

fn hint(format: Option<SourceFormat>) -> String {
    format.map(|format| format!("; use `--from {format}`")).unwrap_or_default()
}

impl GenerateError {
    /// The document is not of the format that was asked for.
    pub(super) fn wrong(expected: SourceFormat, name: &str, content: &[u8]) -> Self {
        match guess(name, content) {
            Guess::Format(format) if format != expected => {
                Self::WrongFormat { expected, seems: format.what(), format: Some(format) }
            }
            Guess::Format(_) => {
                Self::WrongFormat { expected, seems: "a damaged or unusual one", format: None }
            }
            Guess::Other(seems) => Self::WrongFormat { expected, seems, format: None },
        }
    }
}
