use regex::{Error, Regex};

/// A text that is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PatternError {
    pub(super) message: String,
    /// The byte to blame, where it is known.
    pub(super) offset: Option<usize>,
}

/// A regular expression. It is matched in linear time and of limited size, whatever it is.
pub(super) fn compile(pattern: &str) -> Result<Regex, PatternError> {
    Regex::new(pattern).map_err(|error| match error {
        Error::Syntax(report) => PatternError {
            message: report
                .lines()
                .find_map(|line| line.strip_prefix("error: "))
                .unwrap_or(&report)
                .to_owned(),
            offset: offset(&report, pattern),
        },
        Error::CompiledTooBig(_) => {
            PatternError { message: "it is too large when compiled".into(), offset: None }
        }
        other => PatternError { message: other.to_string(), offset: None },
    })
}

/// The crate tells the place only by a caret under the pattern, which it prints indented.
fn offset(report: &str, pattern: &str) -> Option<usize> {
    const INDENT: usize = 4;
    if pattern.contains('\n') {
        return None;
    }
    let carets = report.lines().find(|line| line.trim_start().starts_with('^'))?;
    let column = carets.find('^')?.checked_sub(INDENT)?;
    let place = pattern.char_indices().nth(column).map(|(at, _)| at);
    Some(place.unwrap_or(pattern.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_words_and_places() {
        let error = compile("é(a").unwrap_err();
        assert_eq!(error, PatternError { message: "unclosed group".into(), offset: Some(2) });
        let error = compile("a{2,1}").unwrap_err();
        assert_eq!(error.offset, Some(1), "{}", error.message);
        assert!(compile(r"\w{5000}{5000}").is_err());
        assert!(compile("(?=a)").unwrap_err().message.contains("look-around"));
    }
}
