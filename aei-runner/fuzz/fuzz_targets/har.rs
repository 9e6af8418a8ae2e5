//! Any bytes as recordings: a template that parses, or an error; never a panic.
#![no_main]

use aei_runner::core::source::{SourceMap, Syntax, parse};
use aei_runner::generate::{Origin, SourceFormat, generate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(made) = generate(SourceFormat::Har, data, &Origin::Nowhere) {
        let parsed = parse(&mut SourceMap::default(), "t.yaml", made.text.into_bytes(), Syntax::Yaml);
        assert!(parsed.is_ok());
    }
});
