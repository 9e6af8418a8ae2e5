use serde_json::{Value, json};

use super::lexer::{Token, tokens};
use super::query;

/// The check of an assert; the error says why there is none.
pub(super) fn check(line: &str) -> Result<Value, String> {
    let tokens = tokens(line)?;
    let query = query::read(&tokens)?;
    let mut rest = tokens[query.length..].iter();
    let mut word = match rest.next() {
        Some(Token::Word(word)) => word.as_str(),
        _ => return Err("it has no predicate".to_owned()),
    };
    let negated = word == "not";
    if negated {
        word = match rest.next() {
            Some(Token::Word(word)) => word.as_str(),
            _ => return Err("it has no predicate".to_owned()),
        };
    }
    let operand = match rest.next() {
        Some(Token::Value(value)) => Some(value.clone()),
        Some(Token::Regex(pattern)) => Some(pattern.as_str().into()),
        Some(Token::Word(word)) => return Err(format!("`{word}` is no value that is understood")),
        None => None,
    };
    let (key, operand) = predicate(word, negated, operand.as_ref())?;
    if key == "matches" {
        let pattern = operand.as_str().unwrap_or_default();
        regex::Regex::new(pattern)
            .map_err(|_| format!("the pattern `{pattern}` is not understood"))?;
    }
    let check = if query.count {
        let limit = if key == "equals" { operand } else { json!({ key: operand }) };
        json!({ "that": query.selector, "length": limit })
    } else {
        json!({ "that": query.selector, key: operand })
    };
    Ok(check)
}

/// The operator and its operand.
fn predicate(
    word: &str,
    negated: bool,
    operand: Option<&Value>,
) -> Result<(&'static str, Value), String> {
    let no = || format!("`{}{word}` has no counterpart", if negated { "not " } else { "" });
    let need = || operand.cloned().ok_or_else(|| format!("`{word}` needs a value"));
    let is = |kind: &str| if negated { Err(no()) } else { Ok(("is", Value::from(kind))) };
    match word {
        "==" | "equals" => Ok((if negated { "not_equals" } else { "equals" }, need()?)),
        "!=" | "notEquals" => Ok((if negated { "equals" } else { "not_equals" }, need()?)),
        ">" | "greaterThan" => Ok((if negated { "le" } else { "gt" }, need()?)),
        ">=" | "greaterThanOrEquals" => Ok((if negated { "lt" } else { "ge" }, need()?)),
        "<" | "lessThan" => Ok((if negated { "ge" } else { "lt" }, need()?)),
        "<=" | "lessThanOrEquals" => Ok((if negated { "gt" } else { "le" }, need()?)),
        "contains" | "includes" => Ok((if negated { "not_contains" } else { "contains" }, need()?)),
        "startsWith" if !negated => Ok(("starts_with", need()?)),
        "endsWith" if !negated => Ok(("ends_with", need()?)),
        "matches" if !negated => Ok(("matches", need()?)),
        "exists" => Ok(("exists", (!negated).into())),
        "isEmpty" => Ok(("empty", (!negated).into())),
        "isInteger" => is("integer"),
        "isFloat" | "isNumber" => is("number"),
        "isBoolean" => is("boolean"),
        "isString" => is("string"),
        "isCollection" | "isList" => is("list"),
        "isObject" => is("map"),
        "isNull" => is("null"),
        "isIsoDate" | "isDate" if !negated => {
            Ok(("matches", r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}".into()))
        }
        "isUuid" if !negated => {
            Ok(("matches", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$".into()))
        }
        "isIpv4" if !negated => Ok(("matches", r"^\d{1,3}(\.\d{1,3}){3}$".into())),
        _ => Err(no()),
    }
}

/// The selector of a capture; the error says why there is none.
pub(super) fn capture(text: &str) -> Result<String, String> {
    let tokens = tokens(text)?;
    let query = query::read(&tokens)?;
    let redacted = tokens.get(query.length) == Some(&Token::Word("redact".to_owned()));
    if query.count || (query.length < tokens.len() && !redacted) {
        return Err("its filters have no counterpart".to_owned());
    }
    Ok(query.selector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asserts_become_checks() {
        for (line, expected) in [
            ("status == 200", json!({ "that": "status", "equals": 200 })),
            (
                "jsonpath \"$.items\" count > 2",
                json!({ "that": "json.items", "length": { "gt": 2 } }),
            ),
            (
                "jsonpath \"$.a[?@.b == 1].c\" contains \"x\"",
                json!({ "that": "$.json.a[?@.b == 1].c", "contains": "x" }),
            ),
            (
                "header \"Content-Type\" not contains \"xml\"",
                json!({ "that": "headers.content-type", "not_contains": "xml" }),
            ),
            (
                "cookie \"id[HttpOnly]\" exists",
                json!({ "that": "cookies.id.http_only", "exists": true }),
            ),
            ("body matches /a\\/b \\d/", json!({ "that": "text", "matches": "a/b \\d" })),
            ("duration < 1000", json!({ "that": "duration_ms", "lt": 1000 })),
            ("bytes count == 3", json!({ "that": "size", "equals": 3 })),
            ("jsonpath \"$.n\" isInteger # why", json!({ "that": "json.n", "is": "integer" })),
        ] {
            assert_eq!(check(line), Ok(expected), "{line}");
        }
        assert!(check("xpath \"//a\" exists").is_err());
        assert!(check("sha256 == hex,abc;").is_err());
    }
}
