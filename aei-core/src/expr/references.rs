use super::ExprError;
use super::functions::{FUNCTIONS, Function};
use super::language;
use super::tokens::{Kind, Token, tokens};
use crate::diagnostic::nearest;

/// A name that an expression takes from its scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name and what follows it, as far as that is written out: `steps.login.json` of
    /// `steps.login.json[vars.key]`.
    pub path: Vec<String>,
    /// The offset of the first byte in the expression.
    pub start: usize,
    /// The offset of the byte after the last.
    pub end: usize,
}

/// The names that an expression takes from its scope, in the order they stand.
///
/// Fails for what is no expression, and for functions, filters and tests that do not exist.
pub fn references(expression: &str) -> Result<Vec<Reference>, ExprError> {
    language::compile(expression)?;
    scan(expression).map(|(names, _)| names)
}

const KEYWORDS: [&str; 14] = [
    "true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else",
    "null",
];

/// Names and functions of an expression whose syntax is right.
pub(super) fn scan(expression: &str) -> Result<(Vec<Reference>, Vec<Function>), ExprError> {
    let tokens = tokens(expression);
    let mut names = Vec::new();
    let mut functions = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let here = at;
        at += 1;
        if token.kind != Kind::Name {
            continue;
        }
        let before = here.checked_sub(1).map(|i| tokens[i]);
        let after = tokens.get(here + 1);
        if before.is_some_and(|t| t.is(".")) {
            continue;
        }
        if before.is_some_and(|t| t.is("|")) {
            known("filter", token, language::FILTERS)?;
        } else if is_test(&tokens, here) {
            if token.text != "not" {
                known("test", token, language::TESTS)?;
            }
        } else if KEYWORDS.contains(&token.text) || after.is_some_and(|t| t.is("=")) {
        } else if after.is_some_and(|t| t.is("(")) {
            let function = Function::from_name(token.text);
            if let Some(function) = function {
                functions.push(function);
            } else if !language::GLOBALS.contains(&token.text) {
                let own = FUNCTIONS.iter().map(|(name, ..)| *name);
                return Err(unknown(
                    "function",
                    token,
                    own.chain(language::GLOBALS.iter().copied()),
                ));
            }
        } else {
            let (reference, next) = reference(&tokens, here);
            names.push(reference);
            at = next;
        }
    }
    functions.sort_unstable();
    functions.dedup();
    Ok((names, functions))
}

/// Whether a name stands where a test does: after `is` or `is not`.
fn is_test(tokens: &[Token<'_>], at: usize) -> bool {
    let word = |back: usize, word| {
        at.checked_sub(back).is_some_and(|i| tokens[i].is_word(word))
            // `x.is` is an attribute.
            && !at.checked_sub(back + 1).is_some_and(|i| tokens[i].is("."))
    };
    word(1, "is") || (word(1, "not") && word(2, "is"))
}

fn reference(tokens: &[Token<'_>], at: usize) -> (Reference, usize) {
    let first = tokens[at];
    let mut path = vec![first.text.to_owned()];
    let mut end = first.start + first.text.len();
    let mut next = at + 1;
    loop {
        match tokens.get(next..) {
            Some([dot, name, rest @ ..])
                if dot.is(".")
                    && name.kind == Kind::Name
                    && !rest.first().is_some_and(|t| t.is("(")) =>
            {
                path.push(name.text.to_owned());
                end = name.start + name.text.len();
                next += 2;
            }
            Some([open, key, close, rest @ ..])
                if open.is("[")
                    && key.kind == Kind::Text
                    && !key.text.contains('\\')
                    && close.is("]")
                    && !rest.first().is_some_and(|t| t.is("(")) =>
            {
                path.push(key.text.to_owned());
                end = close.start + 1;
                next += 3;
            }
            _ => return (Reference { path, start: first.start, end }, next),
        }
    }
}

fn known(what: &str, token: &Token<'_>, names: &[&'static str]) -> Result<(), ExprError> {
    if names.contains(&token.text) {
        return Ok(());
    }
    Err(unknown(what, token, names.iter().copied()))
}

fn unknown<'a>(
    what: &str,
    token: &Token<'_>,
    names: impl IntoIterator<Item = &'a str>,
) -> ExprError {
    let name = token.text;
    let error =
        ExprError::new(format!("unknown {what} `{name}`"), token.start, token.start + name.len());
    match nearest(name, names) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(expression: &str) -> Vec<String> {
        references(expression).unwrap().into_iter().map(|r| r.path.join(".")).collect()
    }

    #[test]
    fn names_are_found_with_their_paths() {
        assert_eq!(names("inputs.a ~ vars['b c'].d[0].e"), ["inputs.a", "vars.b c.d"]);
        assert_eq!(names("steps.x.json[vars.key].y"), ["steps.x.json", "vars.key"]);
        assert_eq!(names("vars.list.keys() | join(d=',') | length > 3"), ["vars.list"]);
        assert_eq!(names("{'a': vars.x, 'inputs.y': [matrix]}"), ["vars.x", "matrix"]);
        assert_eq!(names("vars.x is defined and vars.y is not none"), ["vars.x", "vars.y"]);
        assert_eq!(names("'vars.x' if true else 1.5e3"), Vec::<String>::new());
    }

    #[test]
    fn places_are_of_the_name() {
        let found = references("1 + vars.x").unwrap();
        assert_eq!((found[0].start, found[0].end), (4, 10));
    }

    #[test]
    fn unknown_calls_name_the_nearest() {
        let error = references("inputs.a | uper").unwrap_err();
        assert_eq!((error.start, error.end), (11, 15));
        assert_eq!(error.help.as_deref(), Some("did you mean `upper`?"));
        assert_eq!(references("uid()").unwrap_err().help.as_deref(), Some("did you mean `uuid`?"));
        assert!(references("1 is odds").is_err());
        assert!(references("1 is odd").is_ok());
    }
}
