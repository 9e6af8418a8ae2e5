use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use jsonschema::{PatternOptions, Retrieve, Uri, ValidationError, Validator};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::judge::Broken;
use crate::evaluator::{Cache, Evaluator};
use crate::host::Host;
use crate::source::{SourceMap, Syntax, parse};

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
                let schema = read(self.host().as_ref(), &self.dir().join(file))?;
                self.compile(&schema, file).map_err(|message| format!("`{file}`: {message}"))
            }),
            inline => self.schemas.inline.get(&inline.to_string(), |_| self.compile(inline, "")),
        };
        let validator = validator.map_err(Broken::whole)?;
        if validator.is_valid(actual) {
            return Ok(());
        }
        Err(Broken::instead(format!("but it does not:{}", violations(&validator, actual))))
    }

    /// A validator of a schema that stands in `file`, so that its references to other files
    /// start there.
    fn compile(&self, schema: &Value, file: &str) -> Result<Validator, String> {
        let files = Files { host: Arc::clone(self.host()), dir: self.dir().into() };
        options()
            .with_base_uri(format!(
                "{BASE}{}{}",
                UP.repeat(UPS),
                utf8_percent_encode(file, RESERVED)
            ))
            .with_retriever(files)
            .build(schema)
            .map_err(|error| wrong(&error))
    }
}

/// One line for each violation, led by its place in the value.
fn violations(validator: &Validator, actual: &Value) -> String {
    let mut text = String::new();
    let mut errors = validator.iter_errors(actual);
    for error in errors.by_ref().take(MOST) {
        let path = error.instance_path().to_string();
        let path = if path.is_empty() { "/" } else { &path };
        let message = super::excerpt::cut_text(&error.to_string(), 300);
        text.extend(["\n  ", path, ": ", &message]);
    }
    match errors.count() {
        0 => text,
        more => format!("{text}\n  … {more} more"),
    }
}

/// What is wrong with a schema, and where in it.
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) pointer: String,
}

/// Looks at a schema before a run, without the files that it refers to.
pub(super) fn mistake(schema: &Value) -> Option<Mistake> {
    struct Nothing;

    impl Retrieve for Nothing {
        fn retrieve(&self, _: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
            Ok(Value::Bool(true))
        }
    }

    let error = options().with_base_uri(BASE).with_retriever(Nothing).build(schema).err()?;
    Some(Mistake { message: wrong(&error), pointer: error.instance_path().to_string() })
}

/// Patterns run in linear time, and formats are checked: a test that names one means it.
fn options() -> jsonschema::ValidationOptions<'static> {
    jsonschema::options()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
}

fn wrong(error: &ValidationError<'_>) -> String {
    let message = super::excerpt::cut_text(&error.to_string(), 300);
    match error.instance_path().to_string() {
        path if path.is_empty() => format!("this is no JSON Schema: {message}"),
        path => format!("this is no JSON Schema: at {path}: {message}"),
    }
}

/// Names in a schema's references are relative to its file; this stands for the template's folder.
const BASE: &str = "aei:///";

/// A `..` at the start of a URI would be lost, so the template's folder has pretended parents.
const UP: &str = "~up/";
const UPS: usize = 32;

const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'#')
    .add(b'?')
    .add(b'%')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'[')
    .add(b']');

/// Other files of a schema, and nothing from a network.
struct Files {
    host: Arc<dyn Host>,
    dir: Box<Path>,
}

impl Retrieve for Files {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let Some(path) = uri.as_str().strip_prefix(BASE) else {
            return Err("schemas are read from files only".into());
        };
        let mut path = path;
        let mut up = UPS;
        while let Some(rest) = path.strip_prefix(UP).filter(|_| up > 0) {
            (path, up) = (rest, up - 1);
        }
        let path = "../".repeat(up) + &percent_decode_str(path).decode_utf8()?;
        Ok(read(self.host.as_ref(), &self.dir.join(path))?)
    }
}

/// The document of a schema file, in JSON or YAML.
fn read(host: &dyn Host, path: &Path) -> Result<Value, String> {
    let bytes = host.read(path).map_err(|error| error.to_string())?;
    let name = path.display().to_string();
    let mut sources = SourceMap::default();
    let syntax = Syntax::of_path(&name);
    parse(&mut sources, &name, bytes, syntax).map(|node| node.to_value()).map_err(|error| {
        let place = sources.position(error.span).map_or(name, |place| place.to_string());
        format!("{place}: {}", error.message)
    })
}
