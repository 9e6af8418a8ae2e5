use std::io::{self, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Why a body could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub(super) enum DecodeError {
    /// It would become larger than allowed.
    #[error("the body is larger than allowed once it is unpacked")]
    TooLarge,
    /// It is not what its `Content-Encoding` says.
    #[error("the body is not valid {encoding}: {source}")]
    Broken { encoding: String, source: io::Error },
}

/// Unpacks a body by its `Content-Encoding`s, last applied first. An unknown encoding leaves the
/// body as it is.
pub(super) fn unpack(
    mut body: Vec<u8>,
    encodings: &str,
    limit: u64,
) -> Result<Vec<u8>, DecodeError> {
    for encoding in encodings.rsplit(',').map(str::trim) {
        let input = body.as_slice();
        let unpacked = match encoding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => all(MultiGzDecoder::new(input), limit),
            "br" => all(brotli_decompressor::Decompressor::new(input, 4096), limit),
            "deflate" if is_zlib(input) => all(ZlibDecoder::new(input), limit),
            "deflate" => all(DeflateDecoder::new(input), limit),
            "" | "identity" => continue,
            _ => return Ok(body),
        };
        body = match unpacked {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(DecodeError::TooLarge),
            Err(source) => {
                return Err(DecodeError::Broken { encoding: encoding.to_owned(), source });
            }
        };
    }
    Ok(body)
}

/// `None` when there is more than the limit.
fn all(reader: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// `deflate` means zlib (RFC 9110), but some servers leave its two header bytes out.
fn is_zlib(input: &[u8]) -> bool {
    matches!(input, [first, second, ..]
        if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn both_kinds_of_deflate_and_stacked_encodings_unpack() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"hello").unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(b"hello").unwrap();
        for (body, encoding) in [
            (zlib.finish().unwrap(), "deflate"),
            (raw.finish().unwrap(), "Deflate"),
            (gzip(&gzip(b"hello")), "gzip, x-gzip"),
            (b"\x0b\x02\x80hello\x03".to_vec(), "br"),
            (b"hello".to_vec(), "identity"),
            (b"hello".to_vec(), "zstd"),
        ] {
            assert_eq!(unpack(body, encoding, 100).unwrap(), b"hello", "{encoding}");
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![0; 10 << 20]);
        assert!(bomb.len() < 20_000);
        assert!(matches!(unpack(bomb, "gzip", 1000), Err(DecodeError::TooLarge)));
    }

    #[test]
    fn what_is_no_gzip_says_so() {
        let error = unpack(b"plain".to_vec(), "gzip", 100).unwrap_err();
        assert!(error.to_string().starts_with("the body is not valid gzip"), "{error}");
    }
}
