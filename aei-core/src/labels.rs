//! Labels of nodes, and what is asked of them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What a node is: `os=linux`, `rack=7`.
pub type Labels = BTreeMap<String, String>;

/// What a node's labels must be: `os=linux, rack!=7, gpu`.
///
/// Terms are joined by commas and must all hold. `key=value` wants the value, `key!=value` wants
/// another or none, `key` wants the label with any value, `!key` wants it to be absent.
///
/// ```
/// use aei_core::labels::{LabelSelector, Labels};
///
/// let selector: LabelSelector = "os=linux, rack!=7".parse()?;
/// let node = Labels::from([("os".into(), "linux".into()), ("rack".into(), "3".into())]);
/// assert!(selector.matches(&node));
/// # Ok::<(), aei_core::labels::LabelSelectorError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelSelector {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Is(String, String),
    IsNot(String, String),
    Has(String),
    HasNot(String),
}

/// A text that is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{term}` asks nothing of a label; write `key=value`, `key!=value`, `key` or `!key`")]
pub struct LabelSelectorError {
    term: String,
}

impl LabelSelector {
    /// Whether all terms hold. A selector without terms fits every node.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Is(key, value) => labels.get(key) == Some(value),
            Term::IsNot(key, value) => labels.get(key) != Some(value),
            Term::Has(key) => labels.contains_key(key),
            Term::HasNot(key) => !labels.contains_key(key),
        })
    }
}

impl FromStr for LabelSelector {
    type Err = LabelSelectorError;

    fn from_str(text: &str) -> Result<Self, LabelSelectorError> {
        let terms = text.split(',').map(str::trim).filter(|term| !term.is_empty());
        Ok(Self { terms: terms.map(term).collect::<Result<_, _>>()? })
    }
}

fn term(text: &str) -> Result<Term, LabelSelectorError> {
    let wrong = || LabelSelectorError { term: text.to_owned() };
    let key = |key: &str| {
        let key = key.trim();
        let plain = |c: char| c.is_alphanumeric() || "._-/".contains(c);
        if !key.is_empty() && key.chars().all(plain) { Ok(key.to_owned()) } else { Err(wrong()) }
    };
    if let Some((name, value)) = text.split_once("!=") {
        return Ok(Term::IsNot(key(name)?, value.trim().to_owned()));
    }
    if let Some((name, value)) = text.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value);
        return Ok(Term::Is(key(name)?, value.trim().to_owned()));
    }
    match text.strip_prefix('!') {
        Some(name) => Ok(Term::HasNot(key(name)?)),
        None => Ok(Term::Has(key(text)?)),
    }
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, term) in self.terms.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            match term {
                Term::Is(key, value) => write!(f, "{key}={value}")?,
                Term::IsNot(key, value) => write!(f, "{key}!={value}")?,
                Term::Has(key) => f.write_str(key)?,
                Term::HasNot(key) => write!(f, "!{key}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_hold_or_not() {
        let node = Labels::from([("os".into(), "linux".into()), ("rack".into(), "7".into())]);
        for (text, holds) in [
            ("", true),
            ("os=linux", true),
            ("os==linux", true),
            ("os = linux , rack = 7", true),
            ("os=linux, rack!=7", false),
            ("gpu!=a100", true),
            ("rack", true),
            ("gpu", false),
            ("!gpu", true),
            ("!os", false),
        ] {
            let selector: LabelSelector = text.parse().unwrap();
            assert_eq!(selector.matches(&node), holds, "{text}");
            let again: LabelSelector = selector.to_string().parse().unwrap();
            assert_eq!(again, selector);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["=x", "a b", "!", "!=x", "a;b", "os=linux,!"] {
            assert!(text.parse::<LabelSelector>().is_err(), "{text}");
        }
    }
}
