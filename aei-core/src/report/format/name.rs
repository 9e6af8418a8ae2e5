use std::fmt;
use std::str::FromStr;

/// A format that a report can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The report as it is: the one format that can be read back.
    Json,
    /// The events that make the report, one a line.
    Ndjson,
    /// JUnit XML, as Surefire and Jenkins know it.
    Junit,
    /// One page that needs no network.
    Html,
    /// A summary for a chat, a pull request or a job page.
    Markdown,
    /// The Test Anything Protocol, version 13.
    Tap,
    /// The Common Test Report Format.
    Ctrf,
    /// A folder of results for Allure.
    Allure,
    /// Annotations for GitHub Actions.
    Github,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Json,
        Self::Ndjson,
        Self::Junit,
        Self::Html,
        Self::Markdown,
        Self::Tap,
        Self::Ctrf,
        Self::Allure,
        Self::Github,
    ];

    /// The name on a command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Tap => "tap",
            Self::Ctrf => "ctrf",
            Self::Allure => "allure",
            Self::Github => "github",
        }
    }

    /// How a file of this format ends, without the dot. Empty for a folder.
    pub const fn default_extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Junit => "xml",
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Tap => "tap",
            Self::Ctrf => "ctrf.json",
            Self::Allure => "",
            Self::Github => "txt",
        }
    }

    /// Whether it is a folder of files, not one file.
    pub const fn is_folder(self) -> bool {
        matches!(self, Self::Allure)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A format that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown report format `{name}`; there are {}", Format::ALL.map(Format::as_str).join(", "))]
pub struct UnknownFormat {
    /// What was asked for.
    pub name: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let error = "pdf".parse::<Format>().unwrap_err().to_string();
        assert!(error.contains("`pdf`") && error.contains("junit"), "{error}");
    }
}
