//! Hurl's grammar (<https://hurl.dev/docs/grammar.html>) read line by line.

use super::entry::{Content, Entry, Pair, Response};
use crate::generate::GenerateError;
use crate::generate::marked::mark_braces;

/// Reads a file.
pub(super) fn entries(text: &str) -> Result<Vec<Entry>, GenerateError> {
    let mut parser = Parser { lines: text.lines().collect(), at: 0 };
    let mut entries = Vec::new();
    while parser.skip_blank() {
        entries.push(parser.entry()?);
    }
    Ok(entries)
}

const REQUEST_SECTIONS: [&str; 11] = [
    "Query",
    "QueryStringParams",
    "Form",
    "FormParams",
    "Multipart",
    "MultipartFormData",
    "Cookies",
    "BasicAuth",
    "Options",
    "Captures",
    "Asserts",
];

struct Parser<'t> {
    lines: Vec<&'t str>,
    at: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t str> {
        self.lines.get(self.at).map(|line| line.trim())
    }

    /// Skips empty lines and comments; whether anything is left.
    fn skip_blank(&mut self) -> bool {
        while let Some(line) = self.peek() {
            if !line.is_empty() && !line.starts_with('#') {
                return true;
            }
            self.at += 1;
        }
        false
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, GenerateError> {
        let raw = self.lines.get(self.at).copied().unwrap_or_default();
        let column = raw.chars().take_while(|c| c.is_whitespace()).count() + 1;
        Err(GenerateError::At { line: self.at + 1, column, message: message.into() })
    }

    fn entry(&mut self) -> Result<Entry, GenerateError> {
        let line = self.peek().unwrap_or_default();
        let Some((method, url)) = request_line(line) else {
            return self.error(format!(
                "a request such as `GET https://example.org` was expected, not `{}`",
                shorten(line)
            ));
        };
        let mut entry = Entry {
            line: self.at + 1,
            method: method.to_owned(),
            url: mark_braces(without_comment(url)),
            ..Entry::default()
        };
        self.at += 1;
        entry.headers = self.pairs()?;
        while self.skip_blank() {
            let line = self.peek().unwrap_or_default();
            if let Some(name) = section(line) {
                if !REQUEST_SECTIONS[..9].contains(&name) {
                    return self.error(format!("the section `[{name}]` is not one of a request"));
                }
                self.at += 1;
                let pairs = self.pairs()?;
                entry.sections.push((name.to_owned(), pairs));
            } else if is_response(line) || request_line(line).is_some() {
                break;
            } else if entry.body.is_none() {
                entry.body = Some(self.content()?);
            } else {
                return self.error(format!(
                    "`{}` is neither a section, nor a response, nor the next request",
                    shorten(line)
                ));
            }
        }
        if self.peek().is_some_and(is_response) {
            entry.response = Some(self.response()?);
        }
        Ok(entry)
    }

    fn response(&mut self) -> Result<Response, GenerateError> {
        let line = without_comment(self.peek().unwrap_or_default());
        let status = line.split_whitespace().nth(1).unwrap_or("*");
        let status = match status {
            "*" => None,
            code => match code.parse() {
                Ok(code) => Some(code),
                Err(_) => return self.error(format!("`{code}` is no status code")),
            },
        };
        self.at += 1;
        let mut response = Response { status, headers: self.pairs()?, ..Response::default() };
        while self.skip_blank() {
            let line = self.peek().unwrap_or_default();
            match section(line) {
                Some("Captures") => {
                    self.at += 1;
                    response.captures.extend(self.pairs()?);
                }
                Some("Asserts") => {
                    self.at += 1;
                    self.asserts(&mut response);
                }
                Some(name) => {
                    return self.error(format!("the section `[{name}]` is not one of a response"));
                }
                None if request_line(line).is_some() => break,
                None if response.body.is_none() => response.body = Some(self.content()?),
                None => return self.error(format!("`{}` was not expected here", shorten(line))),
            }
        }
        Ok(response)
    }

    fn asserts(&mut self, response: &mut Response) {
        while self.skip_blank() {
            let line = self.peek().unwrap_or_default();
            let starts = line.starts_with(|c: char| c.is_ascii_lowercase());
            if !starts {
                break;
            }
            response.asserts.push((self.at + 1, mark_braces(line)));
            self.at += 1;
        }
    }

    /// Lines of `name: value`.
    fn pairs(&mut self) -> Result<Vec<Pair>, GenerateError> {
        let mut pairs = Vec::new();
        while self.skip_blank() {
            let line = self.peek().unwrap_or_default();
            let body = line.starts_with(['{', '[', '<', '`', '"']) && !line.starts_with("{{");
            if body || is_response(line) || request_line(line).is_some() || is_content(line) {
                break;
            }
            let Some((name, value)) = line.split_once(':') else {
                return self.error(format!("`{}` is not of the form `name: value`", shorten(line)));
            };
            pairs.push(Pair {
                name: mark_braces(&unescaped(name.trim())),
                value: mark_braces(&unescaped(without_comment(value.trim()))),
                line: self.at + 1,
            });
            self.at += 1;
        }
        Ok(pairs)
    }

    fn content(&mut self) -> Result<Content, GenerateError> {
        let line = self.peek().unwrap_or_default();
        if let Some(opened) = line.strip_prefix("```") {
            return self.fenced(opened);
        }
        if let Some(inner) = line.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
            self.at += 1;
            return Ok(Content::Text(mark_braces(inner.0)));
        }
        for (prefix, make) in [
            ("base64,", Content::Base64 as fn(String) -> Content),
            ("hex,", Content::Hex),
            ("file,", Content::File),
        ] {
            if let Some(rest) = line.strip_prefix(prefix) {
                let mut text = without_comment(rest).to_owned();
                self.at += 1;
                while !text.trim_end().ends_with(';') && self.at < self.lines.len() {
                    text.push_str(self.peek().unwrap_or_default());
                    self.at += 1;
                }
                return Ok(make(text.trim().trim_end_matches(';').trim().to_owned()));
            }
        }
        if line.starts_with('<') {
            return Ok(self.xml());
        }
        if line.starts_with(['{', '[', '"'])
            || line.parse::<f64>().is_ok()
            || matches!(line, "true" | "false" | "null")
        {
            return self.json();
        }
        self.error(format!("`{}` was not expected here", shorten(line)))
    }

    fn fenced(&mut self, opened: &'t str) -> Result<Content, GenerateError> {
        if let Some(inner) = opened.strip_suffix("```") {
            self.at += 1;
            return Ok(Content::Text(mark_braces(inner)));
        }
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        while let Some(line) = self.lines.get(self.at) {
            self.at += 1;
            if let Some(last) = line.trim_end().strip_suffix("```") {
                text.push_str(last);
                let language = opened.split(',').next().unwrap_or_default();
                let text = mark_braces(&text);
                return Ok(if language == "json" {
                    Content::Json(text)
                } else {
                    Content::Text(text)
                });
            }
            text.push_str(line);
            text.push('\n');
        }
        self.at = start;
        self.error("this ``` is never closed")
    }

    fn xml(&mut self) -> Content {
        let mut text = String::new();
        while let Some(line) = self.lines.get(self.at) {
            let trimmed = line.trim();
            if is_response(trimmed) || section(trimmed).is_some() || request_line(trimmed).is_some()
            {
                break;
            }
            text.push_str(line);
            text.push('\n');
            self.at += 1;
        }
        Content::Text(mark_braces(text.trim_end()))
    }

    /// Lines until brackets and quotes are closed.
    fn json(&mut self) -> Result<Content, GenerateError> {
        let start = self.at;
        let (mut depth, mut in_string, mut text) = (0_i64, false, String::new());
        while let Some(line) = self.lines.get(self.at) {
            let mut escaped = false;
            for c in line.chars() {
                match c {
                    '"' if !escaped => in_string = !in_string,
                    '{' | '[' if !in_string => depth += 1,
                    '}' | ']' if !in_string => depth -= 1,
                    _ => {}
                }
                escaped = c == '\\' && !escaped;
            }
            text.push_str(line);
            text.push('\n');
            self.at += 1;
            if depth <= 0 && !in_string {
                return Ok(Content::Json(mark_braces(text.trim())));
            }
        }
        self.at = start;
        self.error("this JSON is never closed")
    }
}

fn shorten(line: &str) -> String {
    line.chars().take(40).collect()
}

fn section(line: &str) -> Option<&str> {
    let name = without_comment(line).strip_prefix('[')?.strip_suffix(']')?;
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
    (named && REQUEST_SECTIONS.contains(&name)).then_some(name)
}

fn is_response(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    matches!(first, "HTTP" | "HTTP/1.0" | "HTTP/1.1" | "HTTP/2" | "HTTP/3")
}

fn is_content(line: &str) -> bool {
    ["base64,", "hex,", "file,"].iter().any(|prefix| line.starts_with(prefix))
}

fn request_line(line: &str) -> Option<(&str, &str)> {
    let (method, url) = line.split_once(char::is_whitespace)?;
    let url = url.trim();
    let is_method = !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase());
    let is_url = url.contains("://")
        || url.starts_with("{{")
        || url.starts_with('/')
        || url.contains('.')
        || url.starts_with("localhost");
    (is_method && is_url && !is_response(line)).then_some((method, url))
}

/// A value without the comment after it.
fn without_comment(text: &str) -> &str {
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        // An address may hold a `#`; a comment stands after a space.
        if c == '#' && previous.is_whitespace() {
            return text[..at].trim_end();
        }
        previous = c;
    }
    text.trim_end()
}

fn unescaped(text: &str) -> String {
    text.replace("\\#", "#").replace("\\:", ":")
}
