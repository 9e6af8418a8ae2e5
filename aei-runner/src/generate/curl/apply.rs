//! What each option of curl means for the request.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::build::{Build, Data};
use super::command::Flag;
use crate::generate::marked;

/// Options that only change what curl shows, or do what the runner does anyway.
const NO_MATTER: [&str; 21] = [
    "silent",
    "show-error",
    "verbose",
    "show-headers",
    "include",
    "no-buffer",
    "progress-bar",
    "no-progress-meter",
    "compressed",
    "fail",
    "fail-with-body",
    "fail-early",
    "globoff",
    "disable",
    "http1.1",
    "styled-output",
    "no-styled-output",
    "no-keepalive",
    "parallel",
    "parallel-immediate",
    "tcp-nodelay",
];

/// Carries an option out.
pub(super) fn apply(build: &mut Build, flag: &Flag) {
    let value = flag.value.as_str();
    match flag.name.as_str() {
        "request" => build.method = Some(value.to_owned()),
        "header" => header(build, value),
        "user-agent" => build.headers.push(("User-Agent".to_owned(), value.to_owned())),
        "referer" => build.headers.push(("Referer".to_owned(), value.replace(";auto", ""))),
        "range" => build.headers.push(("Range".to_owned(), format!("bytes={value}"))),
        "get" => build.as_query = true,
        "head" => build.head = true,
        "location" => build.follow = Some(50),
        "location-trusted" => {
            build.follow = Some(50);
            build.note(
                "credentials are not sent to other hosts after a redirect (`--location-trusted`)",
            );
        }
        "max-redirs" => build.most_redirects = value.parse().ok(),
        "upload-file" => build.upload = Some(value.to_owned()),
        "url-query" => {
            if let Some(pair) = encoded_pair(build, value) {
                build.query.push(pair);
            }
        }
        "unix-socket" => put(build, "unix_socket", value.into()),
        "http2" => build.note("`--http2` is left to the server: HTTP/2 is used where it offers it"),
        "http2-prior-knowledge" => put(build, "version", "2".into()),
        "max-filesize" => put(build, "max_body", value.into()),
        name if is_body(name) => body(build, flag),
        name if is_login(name) => login(build, flag),
        name if is_connection(name) => connection(build, flag),
        name if NO_MATTER.contains(&name) => {}
        "output" | "remote-name" | "remote-name-all" | "dump-header" | "write-out"
        | "output-dir" | "create-dirs" | "remote-header-name" | "remote-time"
        | "remove-on-error" => {
            build.note(format!("`{}` is left out: the report holds the response", flag.written));
        }
        "variable" | "config" => {
            build.note(format!("`{} {value}` is not read", flag.written));
        }
        _ => {
            let value = if value.is_empty() { String::new() } else { format!(" {}", shown(value)) };
            build.note(format!("`{}{value}` is not carried over", flag.written));
        }
    }
}

fn shown(value: &str) -> String {
    let names: Vec<&str> = marked::names(value).collect();
    if names.is_empty() {
        value.chars().take(60).collect()
    } else {
        format!("${}", names.join(" $"))
    }
}

fn put(build: &mut Build, key: &str, value: Value) {
    build.extra.insert(key.to_owned(), value);
}

fn header(build: &mut Build, text: &str) {
    if let Some(file) = text.strip_prefix('@') {
        build.note(format!("the headers in the file `{file}` are not read"));
        return;
    }
    if let Some((name, value)) = text.split_once(':') {
        let (name, value) = (name.trim(), value.trim());
        match (name.to_ascii_lowercase().as_str(), value) {
            ("", _) => build.note(format!("the header `{text}` has no name")),
            // curl would send none of its own; the runner has few of its own.
            ("accept" | "expect" | "user-agent" | "host" | "content-type", "") => {}
            (_, "") => build.note(format!("the header `{name}` is taken away, as it has no value")),
            ("cookie", value) => cookies(build, value),
            ("accept-encoding" | "content-length" | "connection", _) => {}
            _ => build.headers.push((name.to_owned(), value.to_owned())),
        }
    } else if let Some(name) = text.trim().strip_suffix(';') {
        build.headers.push((name.to_owned(), String::new()));
    } else {
        build.note(format!("`{text}` is not a header"));
    }
}

/// Cookies of a header or an option.
fn cookies(build: &mut Build, text: &str) {
    for pair in text.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        build.cookies.push((name.trim().to_owned(), value.trim().into()));
    }
}

fn is_body(name: &str) -> bool {
    name == "json" || name.starts_with("data") || name.starts_with("form")
}

fn body(build: &mut Build, flag: &Flag) {
    let value = flag.value.as_str();
    match flag.name.as_str() {
        "json" | "data" | "data-ascii" | "data-binary" => {
            build.json |= flag.name == "json";
            match value.strip_prefix('@') {
                Some("-") => build.note("standard input as a body is left out"),
                Some(file) => build.data.push(Data::File(file.to_owned())),
                None => build.data.push(Data::Text(value.to_owned())),
            }
        }
        "data-raw" => build.data.push(Data::Text(value.to_owned())),
        "data-urlencode" => {
            if let Some(text) = encoded_pair(build, value) {
                build.data.push(Data::Text(text));
            }
        }
        "form" => form(build, value),
        "form-string" => {
            let (name, value) = value.split_once('=').unwrap_or((value, ""));
            build.form.push((name.to_owned(), value.into()));
        }
        "form-escape" => {}
        _ => build.note(format!("`{}` is not carried over", flag.written)),
    }
}

/// `name=content`, `=content`, `content`: the content encoded; files are not read.
fn encoded_pair(build: &mut Build, text: &str) -> Option<String> {
    let encode = |text: &str| {
        // Marks stay whole.
        if marked::has_marks(text) {
            text.to_owned()
        } else {
            utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
        }
    };
    match text.find(['=', '@']) {
        Some(at) if text[at..].starts_with('@') => {
            build.note(format!("the file `{}` is not read and not sent", &text[at + 1..]));
            None
        }
        Some(0) => Some(encode(&text[1..])),
        Some(at) => Some(format!("{}={}", &text[..at], encode(&text[at + 1..]))),
        None => Some(encode(text)),
    }
}

fn form(build: &mut Build, text: &str) {
    let (name, content) = text.split_once('=').unwrap_or((text, ""));
    let (file, rest) = match content.strip_prefix(['@', '<']) {
        Some(rest) => (true, rest),
        None => (false, content),
    };
    let mut pieces = rest.split(';');
    let main = pieces.next().unwrap_or_default().trim_matches('"').to_owned();
    let mut part = if file { json!({ "file": main }) } else { json!({ "text": main }) };
    for piece in pieces {
        match piece.trim().split_once('=') {
            Some(("type", kind)) => part["content_type"] = kind.trim_matches('"').into(),
            Some(("filename", name)) => part["filename"] = name.trim_matches('"').into(),
            // No attribute: the content itself had a `;`.
            _ if !file => part["text"] = rest.into(),
            _ => build
                .note(format!("`{}` of the form field `{name}` is not carried over", piece.trim())),
        }
    }
    let plain = part.as_object().is_some_and(|part| part.len() == 1) && !file;
    if plain {
        part = part["text"].take();
    }
    if content.starts_with('<') {
        build.note(format!("the form field `{name}` is sent with a file name"));
    }
    build.form.push((name.to_owned(), part));
}

fn is_login(name: &str) -> bool {
    matches!(
        name,
        "user"
            | "basic"
            | "digest"
            | "anyauth"
            | "oauth2-bearer"
            | "cookie"
            | "cookie-jar"
            | "junk-session-cookies"
            | "netrc"
            | "netrc-optional"
            | "netrc-file"
    )
}

fn login(build: &mut Build, flag: &Flag) {
    let value = flag.value.as_str();
    match flag.name.as_str() {
        "user" => build.user = Some(value.to_owned()),
        "digest" => build.digest = true,
        "basic" => build.digest = false,
        "anyauth" => {
            build.note(format!("`{}` is taken for Basic authentication", flag.written));
        }
        "oauth2-bearer" => build.bearer = Some(value.to_owned()),
        "cookie" if value.contains('=') => cookies(build, value),
        "cookie" if value.is_empty() => {}
        "cookie" => build.note(format!("the cookies in the file `{value}` are not read")),
        "cookie-jar" => build.note("cookies are kept for the case, not in a file"),
        _ => build.note(format!("`{}` is not read; give `--user`", flag.written)),
    }
}

fn is_connection(name: &str) -> bool {
    matches!(
        name,
        "insecure"
            | "cacert"
            | "cert"
            | "key"
            | "proxy"
            | "proxy-user"
            | "noproxy"
            | "max-time"
            | "connect-timeout"
            | "retry"
            | "retry-delay"
            | "retry-all-errors"
            | "retry-connrefused"
            | "retry-max-time"
    )
}

fn connection(build: &mut Build, flag: &Flag) {
    let value = flag.value.as_str();
    match flag.name.as_str() {
        "insecure" => {
            build.tls.insert("verify".to_owned(), false.into());
        }
        "cacert" => {
            build.tls.insert("ca".to_owned(), value.into());
        }
        "cert" => {
            let (file, password) = value.split_once(':').unwrap_or((value, ""));
            if !password.is_empty() {
                build.note("the password of the certificate is not carried over");
            }
            build.tls.insert("cert".to_owned(), file.into());
        }
        "key" => {
            build.tls.insert("key".to_owned(), value.into());
        }
        "proxy" if value.is_empty() => put(build, "proxy", false.into()),
        "proxy" => build.proxy = Some(value.to_owned()),
        "proxy-user" => build.proxy_user = Some(value.to_owned()),
        "noproxy" if value == "*" => put(build, "proxy", false.into()),
        "noproxy" => build.note(format!("`--noproxy {value}` is not carried over; use NO_PROXY")),
        "max-time" => build.timeout = seconds(value),
        "connect-timeout" => {
            if let Some(time) = seconds(value) {
                put(build, "connect_timeout", time.into());
            }
        }
        "retry" => build.retries = value.parse().ok(),
        "retry-delay" => build.retry_delay = seconds(value),
        _ => {}
    }
}

/// Seconds as a duration of templates.
pub(super) fn seconds(text: &str) -> Option<String> {
    let seconds: f64 = text.trim().parse().ok()?;
    let fits = seconds > 0.0 && seconds < 1e9;
    fits.then(|| {
        if seconds.fract() == 0.0 {
            format!("{seconds}s")
        } else {
            format!("{}ms", (seconds * 1000.0).ceil())
        }
    })
}
