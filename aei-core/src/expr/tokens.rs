/// A token of an expression, as far as finding names in it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    /// The text has no quotes any more; escapes are not resolved.
    Text,
    Number,
    Sign,
}

impl Token<'_> {
    pub(super) fn is(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    /// Whether it can nest one expression in another; the commas of a list cannot.
    pub(super) fn is_operator(&self) -> bool {
        match self.kind {
            Kind::Sign => !matches!(self.text, "," | ":"),
            Kind::Name => matches!(self.text, "not" | "and" | "or" | "is" | "in" | "if" | "else"),
            Kind::Text | Kind::Number => false,
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Name && self.text == word
    }
}

/// The tokens of an expression that MiniJinja has accepted; of any other, some tokens.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            byte if byte.is_ascii_whitespace() || !byte.is_ascii() => {
                at += 1;
                continue;
            }
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let text = source.get(start + 1..at.min(bytes.len())).unwrap_or_default();
                found.push(Token { kind: Kind::Text, text, start });
                at += 1;
                continue;
            }
            byte if byte == b'_' || byte.is_ascii_alphabetic() => {
                at += run(&bytes[at..], |b| b == b'_' || b.is_ascii_alphanumeric());
                Kind::Name
            }
            byte if byte.is_ascii_digit() => {
                at += run(&bytes[at..], |b| b == b'_' || b.is_ascii_alphanumeric());
                Kind::Number
            }
            _ => {
                let double = matches!(
                    bytes.get(at..at + 2),
                    Some(b"==" | b"!=" | b"<=" | b">=" | b"//" | b"**")
                );
                at += if double { 2 } else { 1 };
                Kind::Sign
            }
        };
        found.push(Token { kind, text: &source[start..at], start });
    }
    found
}

fn run(bytes: &[u8], fits: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&b| !fits(b)).unwrap_or(bytes.len())
}
