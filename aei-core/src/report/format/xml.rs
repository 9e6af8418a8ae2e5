use std::fmt::{self, Write};

/// Text in an element: escaped, without the characters that XML 1.0 forbids.
pub(super) struct Content<T>(pub(super) T);

/// Text in an attribute between double quotes. Line ends become references, since a parser turns
/// plain ones into spaces.
pub(super) struct Attribute<T>(pub(super) T);

impl<T: fmt::Display> fmt::Display for Content<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escape { out: f, lines: false }, "{}", self.0)
    }
}

impl<T: fmt::Display> fmt::Display for Attribute<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escape { out: f, lines: true }, "{}", self.0)
    }
}

struct Escape<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    lines: bool,
}

impl Write for Escape<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(|c| special(c, self.lines)) {
            self.out.write_str(&rest[..at])?;
            let mut tail = rest[at..].chars();
            self.out.write_str(match tail.next() {
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('&') => "&amp;",
                Some('"') => "&quot;",
                Some('\n') => "&#10;",
                Some('\t') => "&#9;",
                _ => "",
            })?;
            rest = tail.as_str();
        }
        self.out.write_str(rest)
    }
}

/// `\r` is allowed, but no parser keeps it, so it goes with the control characters.
fn special(c: char, lines: bool) -> bool {
    match c {
        '<' | '>' | '&' | '"' | '\u{fffe}' | '\u{ffff}' => true,
        '\n' | '\t' => lines,
        c => c < ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_strips() {
        let text = "a<b>&\"c\"\x1b[31m\0\r\nü\u{ffff}";
        assert_eq!(Content(text).to_string(), "a&lt;b&gt;&amp;&quot;c&quot;[31m\nü");
        assert_eq!(Attribute(text).to_string(), "a&lt;b&gt;&amp;&quot;c&quot;[31m&#10;ü");
    }
}
