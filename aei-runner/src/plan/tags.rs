use std::str::FromStr;

use globset::{Glob, GlobMatcher};

/// Which tags a case must have: `smoke and not (slow or flaky)`, `smoke,auth` (either), `!slow`.
///
/// Names may be globs. `not` binds closest, then `and` (`&`), then `or` (`|`, `,`).
#[derive(Debug, Clone)]
pub struct TagExpr(Term);

#[derive(Debug, Clone)]
enum Term {
    Name(GlobMatcher),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

/// A tag expression that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad tag expression `{text}`: {reason}; write for instance `smoke and not slow`")]
pub struct TagExprError {
    text: String,
    reason: String,
}

impl TagExpr {
    /// Whether a case with these tags is meant.
    pub fn matches(&self, tags: &[&str]) -> bool {
        self.0.matches(tags)
    }
}

impl Term {
    fn matches(&self, tags: &[&str]) -> bool {
        match self {
            Self::Name(glob) => tags.iter().any(|tag| glob.is_match(tag)),
            Self::Not(term) => !term.matches(tags),
            Self::And(terms) => terms.iter().all(|term| term.matches(tags)),
            Self::Or(terms) => terms.iter().any(|term| term.matches(tags)),
        }
    }
}

impl FromStr for TagExpr {
    type Err = TagExprError;

    fn from_str(text: &str) -> Result<Self, TagExprError> {
        let wrong = |reason: String| TagExprError { text: text.to_owned(), reason };
        let words = words(text);
        let mut parser = Parser { words: &words, depth: 0 };
        let term = parser.or().map_err(wrong)?;
        match parser.words.first() {
            None => Ok(Self(term)),
            Some(word) => Err(wrong(format!("`{word}` was not expected"))),
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars() {
        if c.is_whitespace() {
            words.push(String::new());
        } else if "()!&|,".contains(c) {
            words.extend([c.to_string(), String::new()]);
        } else if let Some(last) = words.last_mut() {
            last.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

struct Parser<'a> {
    words: &'a [String],
    depth: u32,
}

/// More brackets than any person writes; keeps the stack safe.
const MAX_DEPTH: u32 = 64;

impl Parser<'_> {
    fn take(&mut self, any_of: &[&str]) -> bool {
        let found = self.words.first().is_some_and(|word| any_of.contains(&word.as_str()));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn or(&mut self) -> Result<Term, String> {
        let mut terms = vec![self.and()?];
        while self.take(&["or", "|", ","]) {
            terms.push(self.and()?);
        }
        Ok(Term::Or(terms))
    }

    fn and(&mut self) -> Result<Term, String> {
        let mut terms = vec![self.not()?];
        while self.take(&["and", "&"]) {
            terms.push(self.not()?);
        }
        Ok(Term::And(terms))
    }

    fn not(&mut self) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} levels"));
        }
        let term = if self.take(&["not", "!"]) {
            Term::Not(Box::new(self.not()?))
        } else if self.take(&["("]) {
            let inner = self.or()?;
            if !self.take(&[")"]) {
                return Err("a `)` is missing".to_owned());
            }
            inner
        } else {
            self.name()?
        };
        self.depth -= 1;
        Ok(term)
    }

    fn name(&mut self) -> Result<Term, String> {
        let Some((word, rest)) = self.words.split_first() else {
            return Err("a tag is missing at the end".to_owned());
        };
        if [")", "&", "|", ",", "and", "or"].contains(&word.as_str()) {
            return Err(format!("a tag is missing before `{word}`"));
        }
        self.words = rest;
        let glob = Glob::new(word).map_err(|error| error.kind().to_string())?;
        Ok(Term::Name(glob.compile_matcher()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(expression: &str, tags: &[&str]) -> bool {
        expression.parse::<TagExpr>().unwrap().matches(tags)
    }

    #[test]
    fn words_bind_as_in_speech() {
        assert!(holds("smoke", &["smoke"]));
        assert!(holds("smoke,auth", &["auth"]));
        assert!(!holds("smoke and not slow", &["smoke", "slow"]));
        assert!(holds("smoke and not (slow or flaky)", &["smoke"]));
        assert!(holds("a or b and c", &["a"]));
        assert!(!holds("(a or b) & c", &["a"]));
        assert!(holds("!slow", &[]));
        assert!(holds("area-*", &["area-5"]));
    }

    #[test]
    fn nonsense_is_named() {
        for (text, reason) in [
            ("", "a tag is missing at the end"),
            ("a and", "a tag is missing at the end"),
            ("(a", "a `)` is missing"),
            ("a b", "`b` was not expected"),
            ("or a", "a tag is missing before `or`"),
        ] {
            assert_eq!(text.parse::<TagExpr>().unwrap_err().reason, reason, "{text}");
        }
        assert!("(".repeat(100_000).parse::<TagExpr>().is_err());
    }
}
