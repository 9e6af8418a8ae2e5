use serde_json::Value;

use super::judge::Broken;
use super::{compare, diff, words};
use crate::evaluator::Evaluator;

impl Evaluator {
    pub(super) fn fits_snapshot(&self, name: &Value, actual: &Value) -> Result<(), Broken> {
        let name = match name.as_str() {
            Some(name) => valid_name(name).map_err(Broken::whole)?,
            None => return Err(Broken::whole(format!("{} is no name", words::short(name)))),
        };
        // What is stored is read by people and kept under version control: no secrets there.
        let actual = self.clean(actual);
        let (ending, content) = match &*actual {
            Value::String(text) => ("txt", text.clone()),
            other => ("json", diff::pretty(other) + "\n"),
        };
        let path = self.snapshots.dir.join(format!("{name}.{ending}"));
        if self.snapshots.update {
            return self
                .host()
                .write(&path, content.as_bytes())
                .map_err(|error| Broken::whole(error.to_string()));
        }
        let stored = self.host().read(&path).map_err(|error| {
            Broken::whole(if error.not_found {
                format!("there is no snapshot `{name}` yet; store it with `--update-snapshots`")
            } else {
                error.to_string()
            })
        })?;
        let stored = if ending == "txt" {
            Value::String(String::from_utf8_lossy(&stored).into_owned())
        } else {
            serde_json::from_slice(&stored).map_err(|error| {
                Broken::whole(format!("the snapshot `{}` is no JSON: {error}", path.display()))
            })?
        };
        if compare::same(&stored, &actual) {
            return Ok(());
        }
        let shown = words::short(&stored);
        Err(Broken::instead(format!("was {}, not {shown}", words::short(&actual)))
            .with_diff(diff::of_values(&stored, &actual)))
    }
}

/// Names become file names: letters, digits, `-`, `_`, `.`, and `/` for folders.
pub(super) fn valid_name(name: &str) -> Result<&str, String> {
    let part_is_good = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c))
    };
    if name.split('/').all(part_is_good) {
        return Ok(name);
    }
    Err(format!("`{name}` cannot name a snapshot; use letters, digits, `-`, `_`, `.` and `/`"))
}
