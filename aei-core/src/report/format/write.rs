use std::io;

use super::{Format, allure, ctrf, github, html, json, junit, markdown, ndjson, tap};
use crate::report::{CaseSource, ReadError};

/// What a writer may ask for beside the report.
pub struct Options<'a> {
    /// The bytes of an artifact by its path, or `None` when it is not at hand. Pictures are
    /// embedded in HTML, and all artifacts go into Allure's folder.
    pub artifact: &'a dyn Fn(&str) -> Option<Vec<u8>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { artifact: &|_| None }
    }
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").finish_non_exhaustive()
    }
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The report could not be read.
    #[error(transparent)]
    Read(ReadError),
    /// What was made could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// One file was asked for, but the format is a folder.
    #[error("`{0}` is a folder of files, not one file")]
    Folder(Format),
}

impl From<ReadError> for WriteError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => Self::Io(error),
            malformed @ ReadError::Malformed(_) => Self::Read(malformed),
        }
    }
}

/// Writes a report. Buffer `out`: writers write small pieces.
pub fn write(
    format: Format,
    source: &mut dyn CaseSource,
    out: &mut dyn io::Write,
    options: &Options<'_>,
) -> Result<(), WriteError> {
    match format {
        Format::Json => json::write(source, out),
        Format::Ndjson => ndjson::write(source, out),
        Format::Junit => junit::write(source, out),
        Format::Html => html::write(source, out, options),
        Format::Markdown => markdown::write(source, out),
        Format::Tap => tap::write(source, out),
        Format::Ctrf => ctrf::write(source, out),
        Format::Github => github::write(source, out),
        Format::Allure => Err(WriteError::Folder(format)),
    }
}

/// Writes a report as Allure results: `put` takes each file by its name.
pub fn write_folder(
    source: &mut dyn CaseSource,
    put: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
    options: &Options<'_>,
) -> Result<(), WriteError> {
    allure::write(source, put, options)
}
