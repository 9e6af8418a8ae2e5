use super::lexer::Token;

/// What an assert or a capture looks at.
pub(super) struct Query {
    pub(super) selector: String,
    /// Its number of elements, not itself.
    pub(super) count: bool,
    /// How many tokens it took.
    pub(super) length: usize,
}

/// Reads a query with its filters; the error says what has no counterpart.
pub(super) fn read(tokens: &[Token]) -> Result<Query, String> {
    let Some(Token::Word(name)) = tokens.first() else {
        return Err("it does not begin with a query".to_owned());
    };
    let argument = || match tokens.get(1) {
        Some(Token::Value(value)) => value.as_str().map(str::to_owned),
        _ => None,
    };
    let needs = || argument().ok_or_else(|| format!("`{name}` needs a text"));
    let (mut selector, mut length) = match name.as_str() {
        "status" => ("status".to_owned(), 1),
        "url" => ("url".to_owned(), 1),
        "version" => ("version".to_owned(), 1),
        "body" => ("text".to_owned(), 1),
        "duration" => ("duration_ms".to_owned(), 1),
        "bytes" | "rawbytes" => ("size".to_owned(), 1),
        "redirects" => ("redirects".to_owned(), 1),
        "header" => (member("headers", &needs()?.to_ascii_lowercase()), 2),
        "cookie" => (cookie(&needs()?)?, 2),
        "jsonpath" => (jsonpath(&needs()?)?, 2),
        other => return Err(format!("the query `{other}` has no counterpart")),
    };
    let mut count = matches!(name.as_str(), "bytes" | "rawbytes");
    if count && tokens.get(1) != Some(&Token::Word("count".to_owned())) {
        return Err("of bytes, only the count is checked".to_owned());
    }
    while let Some(Token::Word(filter)) = tokens.get(length) {
        match filter.as_str() {
            "count" => count = true,
            "first" => selector.push_str("[0]"),
            "last" => selector.push_str("[-1]"),
            "nth" => {
                let Some(Token::Value(index)) = tokens.get(length + 1) else {
                    return Err("`nth` needs a number".to_owned());
                };
                selector = format!("{selector}[{index}]");
                length += 1;
            }
            "decode"
            | "split"
            | "replace"
            | "replaceRegex"
            | "regex"
            | "toInt"
            | "toFloat"
            | "toString"
            | "toDate"
            | "toHex"
            | "format"
            | "dateFormat"
            | "urlEncode"
            | "urlDecode"
            | "htmlEscape"
            | "htmlUnescape"
            | "base64Decode"
            | "base64Encode"
            | "base64UrlSafeDecode"
            | "base64UrlSafeEncode"
            | "daysAfterNow"
            | "daysBeforeNow"
            | "jsonpath"
            | "xpath"
            | "location"
            | "urlQueryParam"
            | "utf8Decode"
            | "utf8Encode"
            | "charsetDecode" => {
                return Err(format!("the filter `{filter}` has no counterpart"));
            }
            _ => break,
        }
        length += 1;
    }
    // The size is a number already.
    let count = count && !matches!(name.as_str(), "bytes" | "rawbytes");
    Ok(Query { selector, count, length })
}

fn member(of: &str, name: &str) -> String {
    let plain = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if plain { format!("{of}.{name}") } else { format!("{of}[{}]", serde_json::Value::from(name)) }
}

/// `name`, or `name[Attribute]`.
fn cookie(text: &str) -> Result<String, String> {
    let (name, attribute) = text.split_once('[').unwrap_or((text, "Value]"));
    let attribute = match attribute.trim_end_matches(']') {
        "Value" => "value",
        "Path" => "path",
        "Domain" => "domain",
        "Expires" => "expires",
        "Max-Age" => "max_age",
        "Secure" => "secure",
        "HttpOnly" => "http_only",
        "SameSite" => "same_site",
        other => return Err(format!("`{other}` is no attribute of a cookie")),
    };
    Ok(format!("{}.{attribute}", member("cookies", name)))
}

fn jsonpath(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix('$').ok_or_else(|| format!("`{text}` is no JSONPath"))?;
    if crate::generate::marked::has_marks(text) {
        return Err("a JSONPath with variables in it has no counterpart".to_owned());
    }
    let selector = format!("$.json{rest}");
    aei_core::select::Selector::parse(&selector).map_err(|error| format!("`{text}`: {error}"))?;
    // A name reads better than a path.
    let short = format!("json{rest}");
    let plain =
        rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '[' | ']'));
    Ok(if plain && aei_core::select::Selector::parse(&short).is_ok() { short } else { selector })
}
