/// JSON written by hand into a buffer, safe inside a `script` element: `<` is always escaped.
#[derive(Debug, Default)]
pub(super) struct Json {
    pub(super) bytes: Vec<u8>,
    comma: bool,
}

impl Json {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.comma = false;
    }

    fn separate(&mut self) {
        if self.comma {
            self.bytes.push(b',');
        }
        self.comma = true;
    }

    pub(super) fn open(&mut self, bracket: u8) {
        self.separate();
        self.bytes.push(bracket);
        self.comma = false;
    }

    pub(super) fn close(&mut self, bracket: u8) {
        self.bytes.push(bracket);
        self.comma = true;
    }

    pub(super) fn key(&mut self, key: &str) {
        self.separate();
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(key.as_bytes());
        self.bytes.extend_from_slice(b"\":");
        self.comma = false;
    }

    pub(super) fn number(&mut self, number: u64) {
        self.separate();
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[at..]);
    }

    pub(super) fn float(&mut self, number: Option<f64>) {
        self.separate();
        let text = match number {
            Some(number) if number.is_finite() => number.to_string(),
            _ => "null".to_owned(),
        };
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.separate();
        self.bytes.push(b'"');
        let mut plain = 0;
        let bytes = text.as_bytes();
        for (at, &byte) in bytes.iter().enumerate() {
            if byte >= b' ' && !matches!(byte, b'"' | b'\\' | b'<') {
                continue;
            }
            self.bytes.extend_from_slice(&bytes[plain..at]);
            plain = at + 1;
            match byte {
                b'"' => self.bytes.extend_from_slice(b"\\\""),
                b'\\' => self.bytes.extend_from_slice(b"\\\\"),
                b'\n' => self.bytes.extend_from_slice(b"\\n"),
                b'\t' => self.bytes.extend_from_slice(b"\\t"),
                b'\r' => self.bytes.extend_from_slice(b"\\r"),
                _ => {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
                    self.bytes.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
                }
            }
        }
        self.bytes.extend_from_slice(&bytes[plain..]);
        self.bytes.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_never_ends_a_script() {
        let text = "a\"b\\c\n\t\r\u{1}</script>é";
        let mut json = Json::default();
        json.open(b'[');
        json.text(text);
        json.number(0);
        json.number(18_446_744_073_709_551_615);
        json.float(Some(1.5));
        json.float(None);
        json.open(b'{');
        json.key("k");
        json.text("");
        json.close(b'}');
        json.close(b']');
        assert!(!json.bytes.contains(&b'<'));
        let value: serde_json::Value = serde_json::from_slice(&json.bytes).unwrap();
        let expected = serde_json::json!([text, 0, u64::MAX, 1.5, null, { "k": "" }]);
        assert_eq!(value, expected);
    }
}
