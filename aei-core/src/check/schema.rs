use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::judge::Broken;
use crate::evaluator::{Cache, Evaluator};

/// Compiled JSON Schemas, by their text or file.
#[derive(Default)]
pub(crate) struct Schemas {
    inline: Cache<Validator, String>,
    files: Cache<Validator, String>,
}

/// How many violations a message lists.
const MOST: usize = 20;

impl Evaluator {
    pub(super) fn fits_schema(&self, schema: &Value, actual: &Value) -> Result<(), Broken> {
        let validator = match schema {
            Value::String(file) => self.schemas.files.get(file, |file| {
                let bytes =
                    self.host().read(&self.beside(file)).map_err(|error| error.to_string())?;
                let schema = read(&bytes).map_err(|error| format!("`{file}` {error}"))?;
                compile(&schema)
            }),
            inline => self.schemas.inline.get(&inline.to_string(), |_| compile(inline)),
        };
        let validator = validator.map_err(Broken::whole)?;
        if validator.is_valid(actual) {
            return Ok(());
        }
        let mut lines = Vec::new();
        let mut more = 0;
        for error in validator.iter_errors(actual) {
            if lines.len() == MOST {
                more += 1;
                continue;
            }
            let path = error.instance_path().to_string();
            let path = if path.is_empty() { "/" } else { &path };
            let message = super::excerpt::cut_text(&error.to_string(), 300);
            lines.push(format!("\n  {path}: {message}"));
        }
        if more > 0 {
            lines.push(format!("\n  … {more} more"));
        }
        Err(Broken::instead(format!("but it does not:{}", lines.concat())))
    }
}

/// The document of a schema file.
pub(super) fn read(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("is no JSON: {error}"))
}

/// A validator; patterns run in linear time.
pub(super) fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| format!("this is no JSON Schema: {error}"))
}
