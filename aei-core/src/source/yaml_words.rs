//! What the YAML parser complains of, in words for people.

use granit_parser::ErrorKind;

use super::json::Found;

/// What was expected, and what to do.
pub(super) fn words(kind: &ErrorKind, rest: &str) -> (String, Option<&'static str>) {
    let found = Found(rest);
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => {
            ("tabs cannot indent in YAML".into(), Some("indent with spaces"))
        }
        ErrorKind::UnknownAnchor => (
            "no anchor of this name stands before it".into(),
            Some("if text is meant, put it in quotes"),
        ),
        ErrorKind::ExpectedFlowSequenceSeparator => {
            (format!("expected `,` or `]`, found {found}"), None)
        }
        ErrorKind::ExpectedFlowMappingSeparator => {
            // What is left of an unquoted `${{ … }}` begins with its brace.
            let help = rest.starts_with('{').then_some("put a text with `${{ }}` in quotes");
            (format!("expected `,` or `}}`, found {found}"), help)
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            (format!("expected `{}` for this `{open}`", if *open == '[' { ']' } else { '}' }), None)
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{open}` cannot end with `{close}`"), None)
        }
        ErrorKind::UnclosedQuotedScalar => ("expected a quote to end the string".into(), None),
        ErrorKind::ExpectedBlockMappingKey => (
            format!("expected a key of the map, found {found}"),
            Some("keys of one map stand in one column"),
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            format!("expected `-` for the next element, found {found}"),
            Some("elements of one list stand in one column"),
        ),
        ErrorKind::SimpleKeyExpected => (
            "expected `:` after this".into(),
            Some("all lines of a map are keys with values; is the indentation right?"),
        ),
        ErrorKind::MappingValueNotAllowed => (
            "`:` cannot stand here".into(),
            Some("put text that holds `: ` in quotes; keys of one map stand in one column"),
        ),
        ErrorKind::UnknownQuotedScalarEscape => (
            "unknown escape in a double-quoted string".into(),
            Some(r"write `\\` for a backslash, or use single quotes"),
        ),
        ErrorKind::UnexpectedCharacter { character } => (
            format!("no value starts with {}", Found(character.encode_utf8(&mut [0; 4]))),
            Some("put the text in quotes"),
        ),
        ErrorKind::InvalidColonPlacement => ("`:` cannot stand here".into(), None),
        // `while scanning X, did not find expected Y`: the place is shown anyway.
        other => {
            let text = other.to_string();
            let part = text.starts_with("while ").then(|| text.split_once(", ")).flatten();
            let text = part.map_or(text.as_str(), |(_, what)| what);
            (text.replace("did not find expected", "expected"), None)
        }
    }
}
