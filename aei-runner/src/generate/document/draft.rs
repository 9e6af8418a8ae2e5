use serde_json::{Map, Value, json};

use super::yaml;
use crate::generate::Note;

/// A template in the making.
#[derive(Debug, Default)]
pub(in crate::generate) struct Draft {
    /// What the comment at the top says.
    pub(in crate::generate) heading: String,
    pub(in crate::generate) name: String,
    pub(in crate::generate) description: Option<String>,
    pub(in crate::generate) inputs: Vec<DraftInput>,
    /// For each runner kind what `with` starts from.
    pub(in crate::generate) defaults: Map<String, Value>,
    pub(in crate::generate) cases: Vec<DraftCase>,
}

/// An input in the making.
#[derive(Debug, Default)]
pub(in crate::generate) struct DraftInput {
    pub(in crate::generate) name: String,
    /// `string` when empty.
    pub(in crate::generate) kind: &'static str,
    pub(in crate::generate) default: Option<Value>,
    pub(in crate::generate) description: Option<String>,
    pub(in crate::generate) allowed: Vec<Value>,
    pub(in crate::generate) secret: bool,
}

/// A case in the making.
#[derive(Debug, Default)]
pub(in crate::generate) struct DraftCase {
    pub(in crate::generate) comment: String,
    pub(in crate::generate) id: String,
    pub(in crate::generate) name: String,
    pub(in crate::generate) description: Option<String>,
    pub(in crate::generate) tags: Vec<String>,
    pub(in crate::generate) steps: Vec<DraftStep>,
}

/// A step in the making.
#[derive(Debug, Default)]
pub(in crate::generate) struct DraftStep {
    pub(in crate::generate) comment: String,
    pub(in crate::generate) id: Option<String>,
    pub(in crate::generate) name: Option<String>,
    pub(in crate::generate) uses: &'static str,
    pub(in crate::generate) with: Map<String, Value>,
    pub(in crate::generate) expect: Vec<Value>,
    pub(in crate::generate) capture: Map<String, Value>,
    pub(in crate::generate) retry: Option<Value>,
    pub(in crate::generate) timeout: Option<String>,
}

impl DraftInput {
    /// An input that takes a text.
    pub(in crate::generate) fn text(name: &str, default: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            default: Some(Value::from(default)),
            description: Some(description.to_owned()),
            ..Self::default()
        }
    }

    fn to_value(&self) -> Value {
        let mut map = Map::new();
        let kind = if self.kind.is_empty() { "string" } else { self.kind };
        map.insert("type".to_owned(), kind.into());
        if let Some(default) = &self.default {
            map.insert("default".to_owned(), default.clone());
        }
        if !self.allowed.is_empty() {
            map.insert("enum".to_owned(), self.allowed.clone().into());
        }
        if self.secret {
            map.insert("secret".to_owned(), true.into());
        }
        if let Some(description) = &self.description {
            map.insert("description".to_owned(), description.as_str().into());
        }
        Value::Object(map)
    }
}

impl Draft {
    /// The template as YAML, what was not carried over told in comments at the top.
    pub(in crate::generate) fn to_yaml(&self, notes: &[Note]) -> String {
        let mut out = String::new();
        yaml::comment(&mut out, 0, &self.heading);
        if !notes.is_empty() {
            out.push_str("#\n");
            yaml::comment(&mut out, 0, "Not carried over, or changed:");
            for note in notes {
                yaml::comment(&mut out, 0, &format!("- {note}").replace('\n', " "));
            }
        }
        yaml::entry(&mut out, 0, "aei", &json!(1));
        yaml::entry(&mut out, 0, "name", &self.name.as_str().into());
        if let Some(description) = &self.description {
            yaml::entry(&mut out, 0, "description", &description.as_str().into());
        }
        if !self.inputs.is_empty() {
            out.push_str("\ninputs:\n");
            for input in &self.inputs {
                yaml::entry(&mut out, 2, &input.name, &input.to_value());
            }
        }
        if !self.defaults.is_empty() {
            out.push_str("\ndefaults:\n  with:\n");
            for (kind, with) in &self.defaults {
                yaml::entry(&mut out, 4, kind, with);
            }
        }
        out.push_str("\ncases:\n");
        for (index, case) in self.cases.iter().enumerate() {
            if index > 0 {
                out.push('\n');
            }
            case.write(&mut out);
        }
        out
    }
}

impl DraftCase {
    fn write(&self, out: &mut String) {
        yaml::comment(out, 2, &self.comment);
        out.push_str("  - ");
        let mut id = String::new();
        yaml::entry(&mut id, 4, "id", &self.id.as_str().into());
        out.push_str(id.trim_start());
        if !self.name.is_empty() {
            yaml::entry(out, 4, "name", &self.name.as_str().into());
        }
        if let Some(description) = &self.description {
            yaml::entry(out, 4, "description", &description.as_str().into());
        }
        if !self.tags.is_empty() {
            yaml::entry(out, 4, "tags", &json!(self.tags));
        }
        out.push_str("    steps:\n");
        for step in &self.steps {
            step.write(out);
        }
    }
}

impl DraftStep {
    fn write(&self, out: &mut String) {
        yaml::comment(out, 6, &self.comment);
        let mut text = String::new();
        if let Some(id) = &self.id {
            yaml::entry(&mut text, 8, "id", &id.as_str().into());
        }
        if let Some(name) = &self.name {
            yaml::entry(&mut text, 8, "name", &name.as_str().into());
        }
        yaml::entry(&mut text, 8, "uses", &self.uses.into());
        if !self.with.is_empty() {
            yaml::entry(&mut text, 8, "with", &Value::Object(self.with.clone()));
        }
        if !self.expect.is_empty() {
            text.push_str("        expect:\n");
            for check in &self.expect {
                yaml::item(&mut text, 10, check);
            }
        }
        if !self.capture.is_empty() {
            yaml::entry(&mut text, 8, "capture", &Value::Object(self.capture.clone()));
        }
        if let Some(retry) = &self.retry {
            yaml::entry(&mut text, 8, "retry", retry);
        }
        if let Some(timeout) = &self.timeout {
            yaml::entry(&mut text, 8, "timeout", &timeout.as_str().into());
        }
        out.push_str("      - ");
        out.push_str(text.trim_start());
    }
}
