//! Any text is rendered, evaluated and scanned for names without panic, hang or overflow.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use aei_core::evaluator::{Evaluator, Snapshots};
use aei_core::expr::{Scope, pieces, references};
use aei_core::host::{Host, HostError};
use aei_core::source::{SourceMap, Span};
use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use uuid::Uuid;

/// A world without files, in which time stands still.
struct Empty;

impl Host for Empty {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn random_int(&self, low: i64, _: i64) -> i64 {
        low
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        Err(HostError {
            action: "read",
            path: path.display().to_string(),
            reason: "there are no files".into(),
            not_found: true,
        })
    }

    fn write(&self, _: &Path, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }
}

static EVALUATOR: LazyLock<Evaluator> = LazyLock::new(|| {
    Evaluator::new(
        Arc::new(Empty),
        Arc::new(SourceMap::default()),
        PathBuf::new(),
        Snapshots::default(),
    )
});

static SCOPE: LazyLock<Scope> = LazyLock::new(|| {
    let Value::Object(vars) = json!({
        "n": 5, "f": 1.5, "text": "hi", "list": [1, {"a": 2}], "map": {"a": {"b": null}}, "yes": true
    }) else {
        return Scope::default();
    };
    Scope { vars, ..Scope::default() }
});

fuzz_target!(|text: &str| {
    let rendered = EVALUATOR.render_text(text, Span::NONE, &SCOPE);
    if !text.contains("${{") {
        assert_eq!(rendered.as_deref(), Ok(text));
    }
    if let Ok(found) = pieces(text) {
        for piece in found {
            assert_eq!(&text[piece.start..piece.end], piece.text);
        }
    }
    let _ = EVALUATOR.eval(text, Span::NONE, &SCOPE);
    if let Ok(names) = references(text) {
        for name in names {
            assert!(text.get(name.start..name.end).is_some());
        }
    }
});
