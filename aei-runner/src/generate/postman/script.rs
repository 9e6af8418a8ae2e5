//! The plain patterns of test scripts as checks and captures; all other scripting is noted.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::generate::document::literal;

/// What a test script says.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) expect: Vec<Value>,
    /// Variable to selector.
    pub(super) capture: Map<String, Value>,
    /// Lines that are not understood.
    pub(super) left_out: Vec<String>,
}

static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:have\.status\((\d{3})\)|pm\.expect\(pm\.response\.code\)\.to\.(?:equals?|eql|be\.equals?)\((\d{3})\)|responseCode\.code\s*===?\s*(\d{3}))").ok()
});
static ONE_OF: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"pm\.expect\(pm\.response\.code\)\.to\.be\.oneOf\(\[([\d,\s]+)\]\)").ok()
});
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"pm\.expect\(pm\.response\.responseTime\)\.to\.be\.(?:below|lessThan)\((\d+)\)")
        .ok()
});
static HEADER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"have\.header\(["']([\w-]+)["']\)"#).ok());
static JSON: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^pm\.expect\((\w+)((?:\.\w+|\[\d+\])+)\)\.to\.(?:equal|eql|be\.equal|eq)\((.+)\);?$",
    )
    .ok()
});
static PARSED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:const|let|var)\s+(\w+)\s*=\s*(?:pm\.response\.json\(\)|JSON\.parse\(responseBody\));?$").ok()
});
static SET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^(?:pm\.(?:environment|collectionVariables|globals|variables)\.set|postman\.set(?:Environment|Global)Variable)\(["'](\w+)["'],\s*(\w+|pm\.response\.json\(\))((?:\.\w+|\[\d+\])+)\);?$"#).ok()
});
static NOTHING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[{}();,\s]*|//.*|/\*.*|\*.*|pm\.test\(.*(?:\{|=>)\s*$|tests\[.*\]\s*=\s*$)$")
        .ok()
});

/// Reads a test script.
pub(super) fn read(lines: &[&str]) -> Said {
    let mut said = Said::default();
    let mut parsed: Vec<String> = vec!["pm.response.json()".to_owned()];
    for line in lines.iter().map(|line| line.trim()) {
        if !understood(line, &mut parsed, &mut said) {
            said.left_out.push(line.to_owned());
        }
    }
    said
}

fn first<'t>(regex: &LazyLock<Option<Regex>>, text: &'t str) -> Option<Vec<&'t str>> {
    let found = regex.as_ref()?.captures(text)?;
    Some(found.iter().skip(1).flatten().map(|group| group.as_str()).collect())
}

fn understood(line: &str, parsed: &mut Vec<String>, said: &mut Said) -> bool {
    if let Some(found) = first(&STATUS, line) {
        let code: Option<u64> = found.first().and_then(|code| code.parse().ok());
        said.expect.push(json!({ "that": "status", "equals": code }));
    } else if let Some(found) = first(&ONE_OF, line) {
        let codes = found
            .iter()
            .flat_map(|list| list.split(','))
            .filter_map(|c| c.trim().parse::<u64>().ok());
        let codes: Vec<u64> = codes.collect();
        said.expect.push(json!({ "that": "status", "in": codes }));
    } else if let Some(found) = first(&TIME, line) {
        let limit: Option<u64> = found.first().and_then(|limit| limit.parse().ok());
        said.expect.push(json!({ "that": "duration_ms", "lt": limit.unwrap_or(1000) }));
    } else if let Some(found) = first(&HEADER, line) {
        let name = found.first().copied().unwrap_or_default().to_ascii_lowercase();
        said.expect.push(json!({ "that": format!("headers.{name}"), "exists": true }));
    } else if line.contains("to.be.ok") && line.contains("pm.response") {
        said.expect.push(json!({ "that": "status", "lt": 400 }));
    } else if line.contains("to.be.json") || line.contains("to.have.jsonBody()") {
        said.expect.push(json!({ "that": "json", "exists": true }));
    } else if let Some(found) = first(&PARSED, line) {
        parsed.extend(found.first().map(|name| (*name).to_owned()));
    } else if let Some(found) = first(&SET, line) {
        let [name, source, path] = found.as_slice() else { return false };
        if !parsed.iter().any(|known| known == source) {
            return false;
        }
        said.capture.insert((*name).to_owned(), format!("json{path}").into());
    } else if let Some(found) = first(&JSON, line) {
        let [source, path, expected] = found.as_slice() else { return false };
        let Some(value) = constant(expected) else { return false };
        if !parsed.iter().any(|known| known == source) {
            return false;
        }
        said.expect.push(json!({ "that": format!("json{path}"), "equals": literal(&value) }));
    } else {
        return NOTHING.as_ref().is_some_and(|nothing| nothing.is_match(line));
    }
    true
}

/// A constant of JavaScript that is one of JSON, too.
fn constant(text: &str) -> Option<Value> {
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    match inner {
        Some(inner) if !inner.contains(['\\', '\'']) => Some(inner.into()),
        Some(_) => None,
        None => serde_json::from_str(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_patterns_are_understood() {
        let said = read(&[
            "pm.test(\"Status is 201\", function () {",
            "    pm.response.to.have.status(201);",
            "});",
            "const body = pm.response.json();",
            "pm.expect(body.name).to.eql('Ann');",
            "pm.environment.set(\"order_id\", body.items[0].id);",
            "pm.expect(pm.response.responseTime).to.be.below(200);",
            "console.log(body);",
        ]);
        assert_eq!(
            Value::from(said.expect),
            json!([
                { "that": "status", "equals": 201 },
                { "that": "json.name", "equals": "Ann" },
                { "that": "duration_ms", "lt": 200 }
            ])
        );
        assert_eq!(said.capture["order_id"], "json.items[0].id");
        assert_eq!(said.left_out, ["console.log(body);"]);
    }
}
