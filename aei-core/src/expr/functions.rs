use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use chrono::SecondsFormat;
use minijinja::value::Value as Dynamic;
use minijinja::{Error, ErrorKind};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::convert::to_dynamic;
use crate::diagnostic::nearest;
use crate::host::Host;

/// The functions of expressions: name, signature, what it does.
pub const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("uuid", "uuid()", "A fresh unique id, another at every call."),
    ("now", "now()", "The time of day in UTC, as in `2026-01-31T12:00:00.000Z`."),
    (
        "random_int",
        "random_int(a, b)",
        "A whole number drawn evenly from `a` to `b`, both allowed.",
    ),
    ("base64", "base64(s)", "The text in Base64."),
    ("sha256", "sha256(s)", "The SHA-256 of the text, in hexadecimal."),
    ("env", "env(n)", "The environment variable `n`, which the template must list under `env`."),
    ("file", "file(p)", "The text of a file, named relative to the template."),
    ("json", "json(s)", "The value that a text is the JSON of."),
];

/// One of [`FUNCTIONS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Function {
    Uuid,
    Now,
    RandomInt,
    Base64,
    Sha256,
    Env,
    File,
    Json,
}

impl Function {
    const ALL: [Self; 8] = [
        Self::Uuid,
        Self::Now,
        Self::RandomInt,
        Self::Base64,
        Self::Sha256,
        Self::Env,
        Self::File,
        Self::Json,
    ];

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        FUNCTIONS[self as usize].0
    }
}

/// What functions may see of the world.
pub(crate) struct World {
    pub(crate) host: Arc<dyn Host>,
    /// The folder that `file(p)` starts from.
    pub(crate) dir: PathBuf,
}

/// A function in a scope.
#[derive(Clone)]
pub(super) struct Callable {
    pub(super) function: Function,
    pub(super) world: Arc<World>,
    pub(super) env: Arc<Map<String, Value>>,
}

impl fmt::Debug for Callable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function.name())
    }
}

impl Callable {
    pub(super) fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, Error> {
        let host = &self.world.host;
        match (self.function, arguments) {
            (Function::Uuid, []) => Ok(Dynamic::from(host.uuid().to_string())),
            (Function::Now, []) => {
                Ok(Dynamic::from(host.now().to_rfc3339_opts(SecondsFormat::Millis, true)))
            }
            (Function::RandomInt, [low, high]) => self.random_int(low, high),
            (Function::Base64, [text]) => {
                let text = self.text(text)?;
                Ok(Dynamic::from(base64::engine::general_purpose::STANDARD.encode(text)))
            }
            (Function::Sha256, [text]) => {
                let digest = Sha256::digest(self.text(text)?);
                let hex = digest.iter().fold(String::new(), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                });
                Ok(Dynamic::from(hex))
            }
            (Function::Env, [name]) => self.env(&self.text(name)?),
            (Function::File, [path]) => self.file(&self.text(path)?),
            (Function::Json, [text]) => serde_json::from_str(&self.text(text)?)
                .map(|value| to_dynamic(&value))
                .map_err(|error| wrong(format!("`json(s)`: the text is no JSON: {error}"))),
            _ => Err(wrong(format!("call it as `{}`", FUNCTIONS[self.function as usize].1))),
        }
    }

    fn text(&self, value: &Dynamic) -> Result<String, Error> {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        match value.as_str() {
            Some(text) => Ok(text.to_owned()),
            None if value.is_number() => Ok(value.to_string()),
            None => Err(wrong(format!(
                "`{}` takes a text, not {}",
                FUNCTIONS[self.function as usize].1,
                value.kind()
            ))),
        }
    }

    fn random_int(&self, low: &Dynamic, high: &Dynamic) -> Result<Dynamic, Error> {
        let bounds = low.as_i64().zip(high.as_i64()).filter(|(low, high)| low <= high);
        let (low, high) = bounds.ok_or_else(|| {
            wrong("`random_int(a, b)` takes two whole numbers, the lesser first".into())
        })?;
        Ok(Dynamic::from(self.world.host.random_int(low, high)))
    }

    fn env(&self, name: &str) -> Result<Dynamic, Error> {
        if let Some(value) = self.env.get(name) {
            return Ok(to_dynamic(value));
        }
        Err(wrong(match nearest(name, self.env.keys().map(String::as_str)) {
            Some(near) => format!("the template's `env` has no `{name}`, but `{near}`"),
            None => format!("`{name}` is not set, or not listed under the template's `env`"),
        }))
    }

    fn file(&self, path: &str) -> Result<Dynamic, Error> {
        let place = self.world.dir.join(path);
        self.world
            .host
            .permit_read(&place)
            .map_err(|refusal| wrong(refusal.to_string()).with_source(refusal))?;
        let bytes = self.world.host.read(&place).map_err(|error| wrong(error.to_string()))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| wrong(format!("`{path}` is not a text in UTF-8")))?;
        Ok(Dynamic::from(text))
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}
