//! A text that matches a simple regular expression.

use regex::Regex;

/// A repetition is made at most this often.
const MOST: usize = 200;

/// A text that the pattern matches, when one can be made; checked by matching it.
pub(super) fn example(pattern: &str) -> Option<String> {
    let regex = Regex::new(pattern).ok()?;
    let mut parser = Parser { rest: pattern.chars().collect(), at: 0, depth: 0 };
    let made = parser.alternatives()?;
    (parser.at == parser.rest.len() && regex.is_match(&made)).then_some(made)
}

/// Reads the pattern and makes the text at once: the first alternative, the fewest repetitions.
struct Parser {
    rest: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let wanted: Vec<char> = wanted.chars().collect();
        let there = self.rest[self.at..].starts_with(&wanted);
        if there {
            self.at += wanted.len();
        }
        there
    }

    fn alternatives(&mut self) -> Option<String> {
        let first = self.sequence()?;
        while self.eat("|") {
            self.sequence()?;
        }
        Some(first)
    }

    fn sequence(&mut self) -> Option<String> {
        let mut out = String::new();
        while let Some(c) = self.peek() {
            if matches!(c, '|' | ')') {
                break;
            }
            let piece = self.atom()?;
            let count = self.repetition()?;
            if piece.len().saturating_mul(count) > 10_000 {
                return None;
            }
            out.extend(std::iter::repeat_n(piece.as_str(), count));
        }
        Some(out)
    }

    fn atom(&mut self) -> Option<String> {
        match self.next()? {
            '^' | '$' => Some(String::new()),
            '.' => Some("a".to_owned()),
            '(' => {
                self.depth += 1;
                if self.depth > 50 {
                    return None;
                }
                if self.eat("?") && !self.eat(":") {
                    // A named group is fine, a look-around is not.
                    if !(self.eat("P<") || self.eat("<")) || matches!(self.peek(), Some('=' | '!'))
                    {
                        return None;
                    }
                    while self.next()? != '>' {}
                }
                let inner = self.alternatives()?;
                self.depth -= 1;
                self.eat(")").then_some(inner)
            }
            '[' => self.class(),
            '\\' => self.escape(),
            c => Some(c.to_string()),
        }
    }

    /// The text of an escape; an empty one for anchors such as `\b`.
    fn escape(&mut self) -> Option<String> {
        let made = match self.next()? {
            'd' => '1',
            'w' | 'S' | 'D' => 'a',
            's' => ' ',
            'W' => '-',
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' | 'B' | 'A' | 'z' | 'Z' => return Some(String::new()),
            'p' | 'P' | 'x' | 'u' | 'c' | 'k' => return None,
            c if c.is_ascii_digit() => return None,
            c => c,
        };
        Some(made.into())
    }

    fn class(&mut self) -> Option<String> {
        let negated = self.eat("^");
        let mut members: Vec<(char, char)> = Vec::new();
        let mut first = true;
        loop {
            let c = self.next()?;
            if c == ']' && !first {
                break;
            }
            first = false;
            let low = match c {
                '[' => return None,
                '\\' => {
                    let named = self.peek()?;
                    let low = self.escape()?.chars().next()?;
                    if matches!(named, 'd' | 'w' | 's' | 'S' | 'D' | 'W') {
                        members.push((low, if named == 'd' { '9' } else { low }));
                        continue;
                    }
                    low
                }
                c => c,
            };
            let mut high = low;
            if self.peek() == Some('-') && self.rest.get(self.at + 1).is_some_and(|c| *c != ']') {
                self.at += 1;
                high = match self.next()? {
                    '\\' => self.escape()?.chars().next()?,
                    c => c,
                };
            }
            members.push((low, high));
        }
        let chosen = if negated {
            "aA1-_ .xZ".chars().find(|c| !members.iter().any(|(l, h)| (*l..=*h).contains(c)))
        } else {
            // Letters and digits read better than the first of a range such as ` -~`.
            let nice = "a1A".chars().find(|c| members.iter().any(|(l, h)| (*l..=*h).contains(c)));
            nice.or(members.first().map(|(low, _)| *low))
        };
        chosen.map(String::from)
    }

    fn repetition(&mut self) -> Option<usize> {
        let count = match self.peek() {
            Some('*' | '?') => {
                self.at += 1;
                // One reads better than none; both match.
                1
            }
            Some('+') => {
                self.at += 1;
                1
            }
            Some('{') if self.rest.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                self.at += 1;
                let mut least = String::new();
                while self.peek().is_some_and(|c| c.is_ascii_digit()) {
                    least.push(self.next()?);
                }
                while self.next()? != '}' {}
                least.parse().ok().filter(|count| *count <= MOST)?
            }
            _ => return Some(1),
        };
        // Lazy or possessive: the same text.
        let _ = self.eat("?") || self.eat("+");
        Some(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn simple_patterns_get_a_text() {
        for pattern in [
            "^[a-z]{3}-\\d{4}$",
            "^(cat|dog)s?$",
            "^[A-Z][a-zA-Z0-9_]*$",
            r"^\+?[1-9]\d{1,14}$",
            "^[^/]+$",
            "^#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})$",
            "^(?:a|b){2}$",
            "",
        ] {
            let made = example(pattern).unwrap_or_else(|| panic!("nothing for {pattern}"));
            assert!(Regex::new(pattern).unwrap().is_match(&made), "{pattern}: {made}");
        }
    }

    #[test]
    fn hard_patterns_get_none() {
        assert_eq!(example("^(?=a)b$"), None);
        assert_eq!(example("("), None);
    }

    proptest! {
        #[test]
        fn a_made_text_matches(pattern in r"[\^\$\(\)\[\]a-c|*+?{}0-9\\dw.-]{0,20}") {
            if let Some(made) = example(&pattern) {
                prop_assert!(Regex::new(&pattern).unwrap().is_match(&made));
            }
        }
    }
}
