//! Texts for values that only a format or a name tells of.

/// A text of a format, when the format is known.
pub(super) fn for_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "2026-01-31",
        "date-time" => "2026-01-31T12:00:00Z",
        "time" => "12:00:00Z",
        "duration" => "PT1H",
        "uuid" => "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "email" | "idn-email" => "user@example.com",
        "uri" | "url" | "iri" => "https://example.com/",
        "uri-reference" | "iri-reference" | "json-pointer" => "/example",
        "uri-template" => "/example/{id}",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" | "ip" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "dGV4dA==",
        "binary" => "content",
        "password" => "correct horse battery staple",
        "relative-json-pointer" => "0",
        "regex" => "^example$",
        "int32" | "int64" => "1",
        "float" | "double" | "decimal" => "1.5",
        _ => return None,
    })
}

/// A text that a value of this name could have.
pub(super) fn for_name(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&["email", "e-mail", "mail"]) {
        "user@example.com"
    } else if ends(&["url", "uri", "href", "website", "link", "callback"]) {
        "https://example.com/"
    } else if ends(&["status_code", "statuscode", "codes"]) {
        "200"
    } else if ends(&["uuid", "guid"]) {
        "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    } else if ends(&["phone", "mobile", "tel"]) {
        "+15550100"
    } else if ends(&["date", "birthday"]) {
        "2026-01-31"
    } else if ends(&["password", "passwd", "secret"]) {
        "passw0rd"
    } else if ends(&["username", "user", "login"]) {
        "ann"
    } else if ends(&["country"]) {
        "US"
    } else if ends(&["currency"]) {
        "USD"
    } else if ends(&["language", "lang", "locale"]) {
        "en"
    } else if ends(&["name"]) {
        "example"
    } else if ends(&["id", "number", "count"]) {
        "1"
    } else {
        "text"
    }
}
