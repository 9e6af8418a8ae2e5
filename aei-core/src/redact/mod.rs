//! Keeps secrets out of everything that leaves the engine.
//!
//! A secret of three characters or more is hidden wherever it appears, also inside other text and
//! in the encodings it is likely to appear in: Base64 (also when other bytes stand around it),
//! percent-encoding, JSON and HTML escapes, hexadecimal; and each line of a secret of several
//! lines. A shorter one is part of too many words: it is hidden only where a JSON value is exactly
//! it.

mod encodings;
mod redactor;
mod stream;

pub use redactor::{MASK, Redactor};
pub use stream::StreamRedactor;
