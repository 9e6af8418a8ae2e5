use serde_json::Value;

/// A word of an assert or a capture.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    /// A literal: text, number, boolean, null.
    Value(Value),
    Regex(String),
}

/// Splits a line into words; the error says what is wrong.
pub(super) fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = line.chars().collect();
    let mut at = 0;
    let mut found = Vec::new();
    while at < chars.len() {
        match chars[at] {
            c if c.is_whitespace() => at += 1,
            '#' => break,
            '"' => found.push(Token::Value(delimited(&chars, &mut at, '"')?.into())),
            '`' => found.push(Token::Value(delimited(&chars, &mut at, '`')?.into())),
            '/' => found.push(Token::Regex(delimited(&chars, &mut at, '/')?)),
            _ => {
                let start = at;
                while at < chars.len() && !chars[at].is_whitespace() {
                    at += 1;
                }
                found.push(word(chars[start..at].iter().collect()));
            }
        }
    }
    Ok(found)
}

fn word(text: String) -> Token {
    match text.as_str() {
        "true" => Token::Value(true.into()),
        "false" => Token::Value(false.into()),
        "null" => Token::Value(Value::Null),
        _ => match serde_json::from_str::<Value>(&text) {
            Ok(number @ Value::Number(_)) => Token::Value(number),
            _ if crate::generate::marked::has_marks(&text) => Token::Value(text.into()),
            _ => Token::Word(text),
        },
    }
}

fn delimited(chars: &[char], at: &mut usize, end: char) -> Result<String, String> {
    let mut out = String::new();
    *at += 1;
    while let Some(c) = chars.get(*at).copied() {
        *at += 1;
        match c {
            c if c == end => return Ok(out),
            '\\' => {
                let next = chars.get(*at).copied().unwrap_or('\\');
                *at += 1;
                match next {
                    c if c == end => out.push(c),
                    // A regular expression keeps its own escapes.
                    c if end == '/' => out.extend(['\\', c]),
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    c => out.push(c),
                }
            }
            c => out.push(c),
        }
    }
    Err(format!("this `{end}` is never closed"))
}
