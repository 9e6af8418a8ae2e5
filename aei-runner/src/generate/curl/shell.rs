//! Command lines as a shell splits them, without running anything.

use crate::generate::GenerateError;
use crate::generate::marked::mark;

/// A word of a command line, variables in it marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Where it starts.
    pub(super) line: usize,
}

/// One simple command: its words, and what a shell would have done that is left out.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) words: Vec<Word>,
    pub(super) left_out: Vec<String>,
}

/// Splits a text into commands.
pub(super) fn commands(text: &str) -> Result<Vec<Line>, GenerateError> {
    let mut splitter = Splitter {
        chars: text.chars().collect(),
        at: 0,
        line: 1,
        column: 1,
        found: Vec::new(),
        current: Line::default(),
    };
    splitter.run()?;
    Ok(splitter.found)
}

struct Splitter {
    chars: Vec<char>,
    at: usize,
    line: usize,
    column: usize,
    found: Vec<Line>,
    current: Line,
}

impl Splitter {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn ahead(&self, distance: usize) -> Option<char> {
        self.chars.get(self.at + distance).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn error(at: (usize, usize), message: &str) -> GenerateError {
        GenerateError::At { line: at.0, column: at.1, message: message.to_owned() }
    }

    fn end_command(&mut self) {
        let line = std::mem::take(&mut self.current);
        if !line.words.is_empty() {
            self.found.push(line);
        }
    }

    fn run(&mut self) -> Result<(), GenerateError> {
        while let Some(c) = self.peek() {
            match c {
                // `^` is how `cmd.exe` continues a line.
                '\\' | '^' if self.newline_after(1) => self.skip_line_end(1),
                '\n' | ';' => {
                    self.next();
                    self.end_command();
                }
                '#' => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.next();
                    }
                }
                '&' | '|' => self.operator(),
                '>' | '<' => self.redirection()?,
                c if c.is_whitespace() => {
                    self.next();
                }
                _ => {
                    let line = self.line;
                    let text = self.word()?;
                    self.current.words.push(Word { text, line });
                }
            }
        }
        self.end_command();
        Ok(())
    }

    fn newline_after(&self, distance: usize) -> bool {
        match self.ahead(distance) {
            Some('\n') => true,
            Some('\r') => self.ahead(distance + 1) == Some('\n'),
            _ => false,
        }
    }

    fn skip_line_end(&mut self, distance: usize) {
        for _ in 0..distance {
            self.next();
        }
        while let Some(c) = self.next() {
            if c == '\n' {
                break;
            }
        }
    }

    /// `&&`, `||`, `&` end a command; what a pipe leads to is left out.
    fn operator(&mut self) {
        let first = self.next();
        let double = self.peek() == first;
        if double {
            self.next();
        }
        if first == Some('|') && !double {
            let start = self.at;
            while self.peek().is_some_and(|c| c != '\n') {
                self.next();
            }
            let rest: String = self.chars[start..self.at].iter().collect();
            self.current.left_out.push(format!("the pipe into `{}`", rest.trim()));
        }
        self.end_command();
    }

    fn redirection(&mut self) -> Result<(), GenerateError> {
        while matches!(self.peek(), Some('>' | '<' | '&')) {
            self.next();
        }
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.next();
        }
        let target = self.word()?;
        self.current.left_out.push(format!("the redirection to `{target}`"));
        Ok(())
    }

    fn word(&mut self) -> Result<String, GenerateError> {
        let mut out = String::new();
        while let Some(c) = self.peek() {
            match c {
                c if c.is_whitespace() => break,
                // Unquoted addresses with `&` are a common slip; a shell would cut them there.
                ';' | '|' | '<' | '>' | '&' => break,
                '\'' => self.single(&mut out)?,
                '"' => self.double(&mut out)?,
                '$' if self.ahead(1) == Some('\'') => self.ansi(&mut out)?,
                '$' => self.variable(&mut out)?,
                '`' => {
                    return Err(Self::error(
                        (self.line, self.column),
                        "a command in backquotes is not run; put its result there",
                    ));
                }
                '\\' if self.newline_after(1) => self.skip_line_end(1),
                '\\' => {
                    self.next();
                    out.extend(self.next());
                }
                _ => out.extend(self.next()),
            }
        }
        Ok(out)
    }

    fn single(&mut self, out: &mut String) -> Result<(), GenerateError> {
        let start = (self.line, self.column);
        self.next();
        loop {
            match self.next() {
                Some('\'') => return Ok(()),
                Some(c) => out.push(c),
                None => return Err(Self::error(start, "this `'` is never closed")),
            }
        }
    }

    fn double(&mut self, out: &mut String) -> Result<(), GenerateError> {
        let start = (self.line, self.column);
        self.next();
        loop {
            match self.peek() {
                Some('"') => {
                    self.next();
                    return Ok(());
                }
                Some('\\') if self.newline_after(1) => self.skip_line_end(1),
                Some('\\') => {
                    self.next();
                    match self.next() {
                        Some(c @ ('"' | '\\' | '$' | '`')) => out.push(c),
                        Some(c) => out.extend(['\\', c]),
                        None => {}
                    }
                }
                Some('$') => self.variable(out)?,
                Some('`') => {
                    return Err(Self::error(
                        (self.line, self.column),
                        "a command in backquotes is not run; put its result there",
                    ));
                }
                Some(_) => out.extend(self.next()),
                None => return Err(Self::error(start, "this `\"` is never closed")),
            }
        }
    }

    /// `$'…'`, as browsers write bodies with quotes or line ends in them.
    fn ansi(&mut self, out: &mut String) -> Result<(), GenerateError> {
        let start = (self.line, self.column);
        self.next();
        self.next();
        loop {
            match self.next() {
                Some('\'') => return Ok(()),
                Some('\\') => match self.next() {
                    Some('n') => out.push('\n'),
                    Some('r') => out.push('\r'),
                    Some('t') => out.push('\t'),
                    Some('a') => out.push('\u{7}'),
                    Some('b') => out.push('\u{8}'),
                    Some('e' | 'E') => out.push('\u{1b}'),
                    Some('f') => out.push('\u{c}'),
                    Some('v') => out.push('\u{b}'),
                    Some('x') => self.code(16, 2, out),
                    Some('u') => self.code(16, 4, out),
                    Some('U') => self.code(16, 8, out),
                    Some(c) if c.is_digit(8) => {
                        self.at -= 1;
                        self.column -= 1;
                        self.code(8, 3, out);
                    }
                    Some(c) => out.push(c),
                    None => return Err(Self::error(start, "this `$'` is never closed")),
                },
                Some(c) => out.push(c),
                None => return Err(Self::error(start, "this `$'` is never closed")),
            }
        }
    }

    fn code(&mut self, radix: u32, most: usize, out: &mut String) {
        let mut number = 0_u32;
        let mut count = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(radix)) {
            if count == most {
                break;
            }
            number = number.wrapping_mul(radix).wrapping_add(digit);
            count += 1;
            self.next();
        }
        out.push(char::from_u32(number).unwrap_or('\u{fffd}'));
    }

    /// `$NAME` and `${NAME}` become marks.
    fn variable(&mut self, out: &mut String) -> Result<(), GenerateError> {
        let start = (self.line, self.column);
        self.next();
        let braced = self.peek() == Some('{') && self.ahead(1).is_some_and(is_name_start);
        if self.peek() == Some('(') {
            return Err(Self::error(start, "a command in `$( )` is not run; put its result there"));
        }
        if braced {
            self.next();
        } else if !self.peek().is_some_and(is_name_start) {
            out.push('$');
            return Ok(());
        }
        let mut name = String::new();
        while self.peek().is_some_and(|c| is_name_start(c) || c.is_ascii_digit()) {
            name.extend(self.next());
        }
        if braced {
            // `${NAME:-default}`: the input has the name, whatever the default is.
            while let Some(c) = self.next() {
                if c == '}' {
                    break;
                }
                if c == '\n' {
                    return Err(Self::error(start, "this `${` is never closed by `}`"));
                }
            }
        }
        out.push_str(&mark(&name));
        Ok(())
    }
}

const fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let lines = commands(text).unwrap();
        lines
            .into_iter()
            .map(|line| line.words.into_iter().map(|word| word.text).collect())
            .collect()
    }

    #[test]
    fn lines_are_split_as_a_shell_does() {
        let text = "curl 'a b' \"c\\\"d\" \\\n  $'e\\n\\u00e9' f\\ g # h\n\n$ x; y";
        assert_eq!(
            words(text),
            [vec!["curl", "a b", "c\"d", "e\né", "f g"], vec!["$", "x"], vec!["y"]]
        );
    }

    #[test]
    fn variables_are_marked_but_in_single_quotes() {
        let found = words("a \"$B-${C}\" '$D' $5");
        assert_eq!(found[0][1], format!("{}-{}", mark("B"), mark("C")));
        assert_eq!(&found[0][2..], ["$D", "$5"]);
    }

    #[test]
    fn open_quotes_are_told_with_their_place() {
        let error = commands("curl x \\\n -d 'abc").unwrap_err();
        assert_eq!(error.to_string(), "line 2, column 5: this `'` is never closed");
    }
}
