//! JSON to nodes.

use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};

use super::entries::{Gathered, MapBuilder, exact};
use super::limits::MAX_NESTING;
use super::{Diagnostic, Key, Node, NodeValue, SourceFile};

/// Reads the text of a file.
pub(super) fn parse(file: &SourceFile) -> Result<Node, Diagnostic> {
    let mut reader = Reader { file, json: Jiter::new(file.text.as_bytes()) };
    reader.document().map_err(|stop| stop.explain(file))
}

struct Reader<'f> {
    file: &'f SourceFile,
    json: Jiter<'f>,
}

/// Why reading ended early.
enum Stop {
    /// Broken syntax, with the bracket that was open.
    Syntax(JiterError, Option<usize>),
    Told(Box<Diagnostic>),
}

impl From<JiterError> for Stop {
    fn from(error: JiterError) -> Self {
        Self::Syntax(error, None)
    }
}

impl From<Diagnostic> for Stop {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Told(Box::new(diagnostic))
    }
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Node, Stop> {
        let peek = self.json.peek()?;
        let node = self.value(peek, 0)?;
        self.json.finish()?;
        Ok(node)
    }

    fn value(&mut self, peek: Peek, depth: usize) -> Result<Node, Stop> {
        let start = self.json.current_index();
        let value = match peek {
            Peek::Null => {
                self.json.known_null().map_err(|error| Stop::word(error, start))?;
                NodeValue::Null
            }
            Peek::True | Peek::False => {
                let word = self.json.known_bool(peek);
                NodeValue::Bool(word.map_err(|error| Stop::word(error, start))?)
            }
            Peek::String => {
                let text = self.json.known_str().map(Into::into);
                NodeValue::String(text.map_err(|error| Stop::Syntax(error, Some(start)))?)
            }
            Peek::Array => self.list(start, depth)?,
            Peek::Object => self.map(start, depth)?,
            number => {
                // Through its digits: whole numbers stay exact and huge ones cost no big integer.
                let digits = self.json.known_number_bytes(number)?;
                let digits = str::from_utf8(digits).unwrap_or_default();
                let whole = digits.parse().map(NodeValue::Int);
                whole.unwrap_or_else(|_| NodeValue::Float(digits.parse().unwrap_or(f64::NAN)))
            }
        };
        let span = self.file.span(start, self.json.current_index());
        if matches!(value, NodeValue::Float(number) if !number.is_finite()) {
            let message = "the number is too large";
            return Err(Diagnostic::error("syntax", message, span).into());
        }
        Ok(Node::new(value, span))
    }

    fn list(&mut self, start: usize, depth: usize) -> Result<NodeValue, Stop> {
        self.check_depth(start, depth)?;
        let within = |stop: Stop| stop.within(start);
        let mut items = Gathered::new();
        let mut next = self.json.known_array().map_err(Stop::from).map_err(within)?;
        while let Some(peek) = next {
            items.push(self.value(peek, depth + 1).map_err(within)?);
            next = self.json.array_step().map_err(Stop::from).map_err(within)?;
        }
        Ok(NodeValue::List(exact(items)))
    }

    fn map(&mut self, start: usize, depth: usize) -> Result<NodeValue, Stop> {
        self.check_depth(start, depth)?;
        let within = |stop: Stop| stop.within(start);
        let mut entries = MapBuilder::default();
        let mut before = start;
        let mut name = self.json.known_object().map(|key| key.map(Into::into));
        while let Some(key) = name.map_err(Stop::from).map_err(within)? {
            let key = self.key(key, before);
            entries.check(&key)?;
            let peek = self.json.peek().map_err(Stop::from).map_err(within)?;
            entries.push(key, self.value(peek, depth + 1).map_err(within)?);
            before = self.json.current_index();
            name = self.json.next_key().map(|key| key.map(Into::into));
        }
        Ok(entries.finish())
    }

    /// A key whose colon has just been read, and before which only a bracket or comma stands.
    fn key(&self, name: compact_str::CompactString, before: usize) -> Key {
        let bytes = self.file.text.as_bytes();
        let colon = self.json.current_index() - 1;
        let start = before + bytes[before..colon].iter().position(|b| *b == b'"').unwrap_or(0);
        let blank = bytes[..colon].iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
        Key { name, span: self.file.span(start, colon - blank) }
    }

    fn check_depth(&self, start: usize, depth: usize) -> Result<(), Stop> {
        if depth < MAX_NESTING {
            return Ok(());
        }
        Err(super::limits::too_deep(self.file.span(start, start + 1)).into())
    }
}

impl Stop {
    /// A word such as `tru` is wrong as a whole.
    fn word(mut error: JiterError, start: usize) -> Self {
        error.index = start;
        error.error_type = JiterErrorType::JsonError(JsonErrorType::ExpectedSomeValue);
        Self::Syntax(error, None)
    }

    fn within(self, open: usize) -> Self {
        match self {
            Self::Syntax(error, None) => Self::Syntax(error, Some(open)),
            other => other,
        }
    }

    fn explain(self, file: &SourceFile) -> Diagnostic {
        match self {
            Self::Told(diagnostic) => *diagnostic,
            Self::Syntax(error, open) => explain(&error, open, file),
        }
    }
}

/// What was expected, what stands there, and what opened the list or map around it.
fn explain(error: &JiterError, open: Option<usize>, file: &SourceFile) -> Diagnostic {
    use JsonErrorType as Json;

    let text = &file.text;
    let mut at = error.index.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let rest = &text[at..];
    let found = Found(rest);
    let next = rest.chars().next();
    let JiterErrorType::JsonError(kind) = &error.error_type else {
        return Diagnostic::error("syntax", error.error_type.to_string(), file.span(at, at));
    };
    let (message, help) = match kind {
        Json::ExpectedColon => (format!("expected `:` after the key, found {found}"), None),
        Json::ExpectedListCommaOrEnd | Json::EofWhileParsingList => {
            (format!("expected `,` or `]`, found {found}"), None)
        }
        Json::ExpectedObjectCommaOrEnd | Json::EofWhileParsingObject => {
            (format!("expected `,` or `}}`, found {found}"), None)
        }
        Json::TrailingComma => (
            format!("expected a value after `,`, found {found}"),
            Some("remove the comma before it"),
        ),
        Json::KeyMustBeAString => {
            let help = match next {
                Some('/' | '#') => "JSON has no comments; YAML has",
                _ => "keys stand in double quotes in JSON",
            };
            (format!("expected a key such as `\"name\"`, found {found}"), Some(help))
        }
        Json::TrailingCharacters => (format!("expected the end of the file, found {found}"), None),
        Json::EofWhileParsingString => ("expected `\"` to end the string".to_owned(), None),
        Json::ControlCharacterWhileParsingString => {
            let help = r"write it as an escape, such as `\n` for the end of a line";
            (format!("expected `\"` to end the string, found {found}"), Some(help))
        }
        Json::InvalidEscape => {
            let help =
                r#"escapes are `\" \\ \/ \b \f \n \r \t` and `\u` with four hexadecimal digits"#;
            ("unknown escape in a string".to_owned(), Some(help))
        }
        Json::LoneLeadingSurrogateInHexEscape | Json::InvalidUnicodeCodePoint => {
            ("half a surrogate pair is no character".to_owned(), None)
        }
        Json::UnexpectedEndOfHexEscape => {
            (r"expected four hexadecimal digits after `\u`".to_owned(), None)
        }
        Json::InvalidNumber if next.is_some_and(|c| c.is_ascii_digit()) => {
            ("numbers have no leading zeros".to_owned(), Some("if text is meant, put it in quotes"))
        }
        Json::InvalidNumber => (format!("expected a digit of a number, found {found}"), None),
        Json::NumberOutOfRange => ("the number is too large".to_owned(), None),
        _ => {
            let help = match next {
                Some('\'') => Some("strings stand in double quotes in JSON"),
                Some('/' | '#') => Some("JSON has no comments; YAML has"),
                Some(c) if c.is_alphabetic() => Some(
                    "strings stand in double quotes; the only bare words are `true`, `false` and `null`",
                ),
                _ => None,
            };
            (format!("expected a value, found {found}"), help)
        }
    };
    let span = file.span(at, at + next.map_or(0, char::len_utf8));
    let mut diagnostic = Diagnostic::error("syntax", message, span);
    diagnostic.help = help.map(str::to_owned);
    let opened = open.filter(|&open| open < at).map(|open| (open, text.as_bytes()[open]));
    let words = match opened {
        Some((_, b'"')) => "the string starts here",
        Some((_, b'[')) if at == text.len() => "this list is still open",
        Some((_, b'{')) if at == text.len() => "this map is still open",
        _ => return diagnostic,
    };
    diagnostic.related.extend(open.map(|open| (file.span(open, open + 1), words.to_owned())));
    diagnostic
}

/// What stands at a place, in words.
pub(super) struct Found<'t>(pub &'t str);

impl std::fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.chars().next() {
            None => f.write_str("the end of the file"),
            Some('\n' | '\r') => f.write_str("the end of the line"),
            Some('\t') => f.write_str("a tab"),
            Some(c) if c.is_control() => write!(f, "the control character U+{:04X}", c as u32),
            Some(c) if c.is_alphanumeric() => {
                let word = self.0.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                match word.char_indices().nth(30) {
                    Some((end, _)) => write!(f, "`{}…`", &word[..end]),
                    None => write!(f, "`{word}`"),
                }
            }
            Some(c) => write!(f, "`{c}`"),
        }
    }
}
