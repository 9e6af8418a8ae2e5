//! Bytes of a file to text.

use std::fmt::Write as _;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes that are no text, with the text as far as it can be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotText {
    /// The text with `U+FFFD` in place of what cannot be read.
    pub lossy: String,
    /// Where in `lossy` the first of them stands.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// Reads UTF-8, with or without a byte order mark, and UTF-16 with one.
pub(super) fn decode(mut bytes: Vec<u8>) -> Result<String, NotText> {
    // UTF-32 first: its little-endian mark begins with that of UTF-16.
    if bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF") {
        return Err(NotText {
            lossy: String::new(),
            offset: 0,
            message: "the file is UTF-32".into(),
            help: "save it as UTF-8".into(),
        });
    }
    if bytes.starts_with(b"\xFF\xFE") {
        return decode_utf16(UTF_16LE, &bytes[2..]);
    }
    if bytes.starts_with(b"\xFE\xFF") {
        return decode_utf16(UTF_16BE, &bytes[2..]);
    }
    if bytes.starts_with(UTF8_BOM) {
        bytes.drain(..UTF8_BOM.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let wrong = error.as_bytes().get(offset).copied().unwrap_or_default();
        let mut help = "save the file as UTF-8".to_owned();
        if wrong >= 0xA0 {
            let _ = write!(help, "; if it is Latin-1, this byte is `{}`", char::from(wrong));
        }
        NotText {
            lossy: String::from_utf8_lossy(error.as_bytes()).into_owned(),
            offset,
            message: format!("the file is not UTF-8: byte 0x{wrong:02X} fits nowhere here"),
            help,
        }
    })
}

fn decode_utf16(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, NotText> {
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    if !wrong {
        return Ok(text.into_owned());
    }
    Err(NotText {
        offset: text.find('\u{FFFD}').unwrap_or(0),
        lossy: text.into_owned(),
        message: format!("the file is not valid {}", encoding.name()),
        help: "save it as UTF-8".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_off_and_utf16_is_read() {
        let utf16 = |big: bool| -> Vec<u8> {
            let mark = std::iter::once(0xFEFF);
            mark.chain("é😀".encode_utf16())
                .flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        assert_eq!(decode("é😀".into()).as_deref(), Ok("é😀"));
        assert_eq!(decode("\u{FEFF}é😀".into()).as_deref(), Ok("é😀"));
        assert_eq!(decode(utf16(true)).as_deref(), Ok("é😀"));
        assert_eq!(decode(utf16(false)).as_deref(), Ok("é😀"));
    }

    #[test]
    fn latin_1_is_refused_at_its_byte() {
        let wrong = decode(b"a: caf\xE9\n".to_vec()).unwrap_err();
        assert_eq!(wrong.offset, 6);
        assert!(wrong.message.contains("0xE9"), "{}", wrong.message);
        assert!(wrong.help.contains('é'), "{}", wrong.help);
    }

    #[test]
    fn half_a_pair_and_utf32_are_refused() {
        assert_eq!(decode(b"\xFF\xFEa\0\x3D\xD8".to_vec()).unwrap_err().offset, 1);
        assert!(decode(b"\xFF\xFE\0\0a\0\0\0".to_vec()).is_err());
    }
}
