use super::{GenerateError, Note, Origin, SourceFormat, blank, curl, har, hurl, openapi, postman};

/// A template made of a foreign document.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The template, as YAML that validates.
    pub text: String,
    /// What was not carried over, or was changed. Also told in comments at the top of the text.
    pub notes: Vec<Note>,
}

/// Makes a template of a document.
///
/// `origin` tells where the document came from: other files that it refers to are read from
/// beside it, and the address of the service is taken from it where the document names none.
pub fn generate(
    format: SourceFormat,
    content: &[u8],
    origin: &Origin,
) -> Result<Generated, GenerateError> {
    match format {
        SourceFormat::Blank => Ok(blank::template()),
        SourceFormat::Openapi => openapi::template(content, origin),
        SourceFormat::Har => har::template(content, origin),
        SourceFormat::Curl => curl::template(content, origin),
        SourceFormat::Postman => postman::template(content, origin),
        SourceFormat::Hurl => hurl::template(content, origin),
    }
}
