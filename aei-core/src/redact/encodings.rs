//! The texts that a secret may hide in.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Secrets of fewer characters are not looked for within text.
pub(super) const SHORTEST: usize = 3;

/// What is left of a Base64 text of three bytes when others stand around it is too little to go by.
const SHORTEST_BASE64: usize = 4;

/// How long the lines are that `base64` and PEM break into.
const LINES: [usize; 2] = [76, 64];

/// The shortest rest of a broken line that is looked for.
const SHORTEST_LINE: usize = 8;

/// All that is not unreserved in RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What JavaScript's `encodeURIComponent` leaves as it is, too.
const COMPONENT: &AsciiSet =
    &RESERVED.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');

/// What forms escape besides.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');

/// Adds every spelling of a secret, and of its lines.
pub(super) fn spellings(secret: &str, found: &mut BTreeSet<String>) {
    let whole = std::iter::once(secret).chain(std::iter::once(secret.trim()));
    for part in whole.chain(secret.lines().map(str::trim)) {
        if part.chars().count() < SHORTEST || found.contains(part) {
            continue;
        }
        found.insert(part.to_owned());
        escapes(part, found);
        percent(part, found);
        html(part, found);
        hexadecimal(part.as_bytes(), found);
        base64(part.as_bytes(), found);
    }
}

fn escapes(text: &str, found: &mut BTreeSet<String>) {
    let json = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let once = json(text);
    let ascii = |upper: bool| {
        once.chars().fold(String::new(), |mut out, c| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = match (c.is_ascii(), upper) {
                    (true, _) => write!(out, "{c}"),
                    (_, true) => write!(out, "\\u{unit:04X}"),
                    (_, false) => write!(out, "\\u{unit:04x}"),
                };
            }
            out
        })
    };
    // JSON in a string of JSON, as in logs of bodies.
    found.insert(json(&once));
    for spelled in [once.clone(), ascii(false), ascii(true)] {
        // As PHP writes it.
        found.insert(spelled.replace('/', "\\/"));
        // As Go writes it, and Django.
        for (less, greater, and) in
            [("\\u003c", "\\u003e", "\\u0026"), ("\\u003C", "\\u003E", "\\u0026")]
        {
            found.insert(spelled.replace('<', less).replace('>', greater).replace('&', and));
        }
        found.insert(spelled);
    }
}

fn percent(text: &str, found: &mut BTreeSet<String>) {
    for set in [RESERVED, COMPONENT, FORM] {
        let encoded = utf8_percent_encode(text, set).to_string();
        let form = encoded.replace("%20", "+");
        found.extend([lower_percent(&encoded), lower_percent(&form), encoded, form]);
    }
}

/// `%2F` as `%2f`.
fn lower_percent(text: &str) -> String {
    let mut digits = 0;
    let lower = |c: char| {
        digits = if c == '%' { 2 } else { i32::max(digits - 1, -1) };
        if digits >= 0 { c.to_ascii_lowercase() } else { c }
    };
    text.chars().map(lower).collect()
}

fn html(text: &str, found: &mut BTreeSet<String>) {
    let named = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for (double, single) in [
        ("\"", "'"),
        ("&quot;", "'"),
        ("&quot;", "&#39;"),
        ("&quot;", "&#x27;"),
        ("&quot;", "&apos;"),
        ("&#34;", "&#39;"),
    ] {
        found.insert(named.replace('"', double).replace('\'', single));
    }
    let numbered = |c: char| match c {
        '&' | '<' | '>' | '"' | '\'' => format!("&#{};", u32::from(c)),
        c => c.to_string(),
    };
    found.insert(text.chars().map(numbered).collect());
}

fn hexadecimal(bytes: &[u8], found: &mut BTreeSet<String>) {
    let digits = |upper: bool| {
        bytes.iter().fold(String::new(), |mut out, byte| {
            let _ = if upper { write!(out, "{byte:02X}") } else { write!(out, "{byte:02x}") };
            out
        })
    };
    found.extend([digits(false), digits(true)]);
}

fn base64(bytes: &[u8], found: &mut BTreeSet<String>) {
    let alone = STANDARD.encode(bytes);
    // Over several lines, the last group may hold what follows the secret, such as a line feed.
    let sure = &alone[..bytes.len() / 3 * 4];
    for width in LINES.into_iter().filter(|&width| alone.len() > width) {
        let lines = alone.as_bytes().chunks(width).chain(sure.as_bytes().chunks(width));
        let lines = lines.filter(|line| line.len() >= SHORTEST_LINE);
        found.extend(lines.map(|line| String::from_utf8_lossy(line).into_owned()));
    }
    found.extend([alone, URL_SAFE.encode(bytes)]);
    // With 0, 1 or 2 bytes before it in its group of three. A character of six bits that also
    // holds bits of a neighbour could be any, so only those of the secret alone are looked for.
    for before in 0..3 {
        let mut padded = vec![0; before];
        padded.extend_from_slice(bytes);
        let (start, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        if end.saturating_sub(start) < SHORTEST_BASE64 {
            continue;
        }
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            found.insert(encoded[start..end].to_owned());
        }
    }
}
