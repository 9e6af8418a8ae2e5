//! Any text is read as a selector, or refused with a place within it, without panic or hang.
#![no_main]

use std::sync::LazyLock;

use aei_core::select::Selector;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static OUTCOME: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "a": [{"b": 1}, {"b": [2, null]}], "b": {"c": "x", "0": 1}, "a.b": 1, "ä": {"'": "\""}
    })
});

fuzz_target!(|text: &str| {
    match Selector::parse(text) {
        Ok(selector) => drop(selector.find(&OUTCOME)),
        Err(error) => assert!(text.is_char_boundary(error.offset)),
    }
});
