//! The paths of `/data`, as the original design has them.

use std::fmt;

use aei_core::api::{CommandId, NodeId, TemplateFormat, UserId};
use aei_core::event::RunId;
use object_store::path::Path;

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place(Vec<String>);

/// A name that cannot be part of a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no {what}: {rule}")]
pub(crate) struct BadName {
    what: &'static str,
    name: String,
    rule: &'static str,
}

/// The longest name, in bytes.
const MAX_NAME: usize = 200;

impl Place {
    fn new(parts: impl IntoIterator<Item = String>) -> Self {
        Self(parts.into_iter().collect())
    }

    pub(crate) fn path(&self) -> Path {
        self.0.iter().map(String::as_str).collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

/// Everything of a user.
pub(crate) fn user(user: UserId) -> Place {
    Place::new([user.to_string()])
}

/// The latest version of a template: `<user>/test_template/<name>.json` (or `.yaml`).
pub(crate) fn template(user: UserId, name: &str, format: TemplateFormat) -> Place {
    Place::new([user.to_string(), "test_template".into(), file(name, format)])
}

/// A version of a template: `<user>/test_template/<name>/<version>.json`.
pub(crate) fn version(user: UserId, name: &str, version: u32, format: TemplateFormat) -> Place {
    let file = file(&version.to_string(), format);
    Place::new([user.to_string(), "test_template".into(), name.to_owned(), file])
}

/// All versions of a template.
pub(crate) fn versions(user: UserId, name: &str) -> Place {
    Place::new([user.to_string(), "test_template".into(), name.to_owned()])
}

fn file(stem: &str, format: TemplateFormat) -> String {
    match format {
        TemplateFormat::Json => format!("{stem}.json"),
        TemplateFormat::Yaml => format!("{stem}.yaml"),
    }
}

/// The latest report of a node: `<user>/test_report/<node>.json`.
pub(crate) fn latest_report(user: UserId, node: NodeId) -> Place {
    Place::new([user.to_string(), "test_report".into(), format!("{node}.json")])
}

/// A node's latest report of a run: `<user>/test_report/<node>/<run>.json`.
pub(crate) fn report_of_run(user: UserId, node: NodeId, run: RunId) -> Place {
    Place::new([user.to_string(), "test_report".into(), node.to_string(), format!("{run}.json")])
}

/// The report of one command, which a node may have several of in a run when it takes over what
/// another has lost: `<user>/test_report/<node>/<run>/<command>.json`.
pub(crate) fn report(user: UserId, node: NodeId, (run, command): (RunId, CommandId)) -> Place {
    let file = format!("{command}.json");
    Place::new([user.to_string(), "test_report".into(), node.to_string(), run.to_string(), file])
}

/// An artifact of a command: `<user>/test_report/<node>/<run>/<command>/<path>`.
pub(crate) fn artifact(
    user: UserId,
    node: NodeId,
    (run, command): (RunId, CommandId),
    path: &str,
) -> Result<Place, BadName> {
    let mut parts = vec![
        user.to_string(),
        "test_report".into(),
        node.to_string(),
        run.to_string(),
        command.to_string(),
    ];
    for part in path.split('/') {
        check("path of an artifact", part)?;
        parts.push(part.to_owned());
    }
    Ok(Place(parts))
}

/// Everything of a run on a node.
pub(crate) fn run_of_node(user: UserId, node: NodeId, run: RunId) -> Place {
    Place::new([user.to_string(), "test_report".into(), node.to_string(), run.to_string()])
}

/// Checks the name of a template.
pub(crate) fn template_name(name: &str) -> Result<(), BadName> {
    check("name of a template", name)?;
    let wrong = |rule| BadName { what: "name of a template", name: shown(name), rule };
    if [".json", ".yaml", ".yml"].iter().any(|end| name.to_lowercase().ends_with(end)) {
        return Err(wrong("it ends as a file does; leave the ending out"));
    }
    let plain = |c: char| c.is_alphanumeric() || "._- ".contains(c);
    if name.chars().all(plain) && name.trim() == name {
        Ok(())
    } else {
        Err(wrong("letters, digits, blanks inside and `.`, `_`, `-` are allowed"))
    }
}

fn check(what: &'static str, name: &str) -> Result<(), BadName> {
    let rule = if name.is_empty() {
        "a part of it is empty"
    } else if name.len() > MAX_NAME {
        "a part of it is longer than 200 bytes"
    } else if name.starts_with('.') {
        "a part of it begins with a dot"
    } else if name.chars().any(|c| c.is_control() || "/\\:*?\"<>|".contains(c)) {
        "it holds a character that a file name may not hold"
    } else {
        return Ok(());
    };
    Err(BadName { what, name: shown(name), rule })
}

fn shown(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_escape() {
        for bad in
            ["", "..", ".", "a/b", "a\\b", "/etc/passwd", "a\0b", "a\nb", ".hidden", " a", "a.json"]
        {
            assert!(template_name(bad).is_err(), "{bad:?}");
        }
        for good in ["checkout", "a b", "über", "v1.2-rc_3", &"x".repeat(200)] {
            assert!(template_name(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn artifacts_cannot_escape() {
        let (id, user) = (uuid::Uuid::nil(), UserId(uuid::Uuid::nil()));
        let place = |path| artifact(user, NodeId(id), (RunId(id), CommandId(id)), path);
        for bad in ["", "../x", "a/../../x", "/x", "a//b", "a/.", "a\\..\\b", "..%2fx/.."] {
            assert!(place(bad).is_err(), "{bad:?}");
        }
        assert!(place("artifacts/0-1-shot.png").is_ok());
    }
}
