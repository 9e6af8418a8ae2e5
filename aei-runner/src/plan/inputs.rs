use std::collections::BTreeMap;

use aei_core::diagnostic::nearest;
use aei_core::host::Host;
use aei_core::source::Node;
use aei_core::template::{Input, InputType, Template};
use serde_json::{Map, Value};

/// Where the values of inputs come from, besides the template's defaults and the environment.
///
/// Precedence, lowest first: default, [`node`](Self::node), [`request`](Self::request),
/// environment (`AEI_INPUT_<NAME>`), [`file`](Self::file), [`flags`](Self::flags).
#[derive(Debug, Clone, Default)]
pub struct InputSources {
    /// What the node offers to all runs.
    pub node: Map<String, Value>,
    /// What came with the request to run.
    pub request: Map<String, Value>,
    /// What an input file holds.
    pub file: Map<String, Value>,
    /// What was given by name and text, the later winning.
    pub flags: Vec<(String, String)>,
}

/// The inputs of one template, decided.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    pub(crate) values: Map<String, Value>,
    /// The same for people: secrets replaced.
    pub(crate) shown: Map<String, Value>,
    pub(crate) secrets: Vec<String>,
}

/// An input that cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where the input is declared, if it is.
    pub(crate) declared: Option<aei_core::source::Span>,
}

impl InputSources {
    /// Decides the inputs of a template; all mistakes at once.
    pub(crate) fn decide(
        &self,
        template: &Template,
        host: &dyn Host,
    ) -> Result<Inputs, Vec<InputError>> {
        let mut inputs = Inputs::default();
        let mut errors = Vec::new();
        for (name, input) in template.inputs.iter() {
            match self.value(name, input, host) {
                Ok(value) => inputs.insert(name, input, value),
                Err(mut error) => {
                    error.declared = Some(name.span);
                    errors.push(error);
                }
            }
        }
        if errors.is_empty() { Ok(inputs) } else { Err(errors) }
    }

    /// Names given on purpose that no template declares.
    pub(crate) fn unknown(&self, templates: &[&Template]) -> Vec<InputError> {
        let known: Vec<&str> = templates.iter().flat_map(|t| t.inputs.keys()).collect();
        let given = self.flags.iter().map(|(name, _)| (name, "--input"));
        let given = given.chain(self.file.keys().map(|name| (name, "the input file")));
        given
            .chain(self.request.keys().map(|name| (name, "the request")))
            .filter(|(name, _)| !known.contains(&name.as_str()))
            .map(|(name, origin)| InputError {
                message: format!("{origin} sets `{name}`, but no template declares such an input"),
                help: match nearest(name, known.iter().copied()) {
                    Some(like) => format!("did you mean `{like}`?"),
                    None if known.is_empty() => "the template has no inputs".to_owned(),
                    None => format!("the inputs are {}", list(&known)),
                },
                declared: None,
            })
            .collect()
    }

    fn value(&self, name: &str, input: &Input, host: &dyn Host) -> Result<Value, InputError> {
        let variable = environment_name(name);
        let flag = self.flags.iter().rev().find(|(key, _)| key == name);
        let (value, origin) = if let Some((_, text)) = flag {
            (from_text(text, input.kind), "--input".to_owned())
        } else if let Some(value) = self.file.get(name) {
            (from_value(value, input.kind), "the input file".to_owned())
        } else if let Some(text) = host.env(&variable) {
            (from_text(&text, input.kind), variable)
        } else if let Some(value) = self.request.get(name) {
            (from_value(value, input.kind), "the request".to_owned())
        } else if let Some(value) = self.node.get(name) {
            (from_value(value, input.kind), "the node".to_owned())
        } else if let Some(default) = &input.default {
            (from_value(&default.to_value(), input.kind), "its default".to_owned())
        } else {
            let what = input.description.as_deref().map_or(String::new(), |d| format!(" ({d})"));
            return Err(InputError {
                message: format!("input `{name}`{what} is not set"),
                help: format!("give it by `--input {name}=…` or the variable `{variable}`"),
                declared: None,
            });
        };
        let value = value.map_err(|wanted| InputError {
            message: format!("input `{name}` from {origin} is not {wanted}"),
            help: format!("it is declared as `type: {}`", input.kind.as_str()),
            declared: None,
        })?;
        let allowed: Vec<Value> = input.allowed.iter().flatten().map(Node::to_value).collect();
        if !allowed.is_empty() && !allowed.contains(&value) {
            let shown = if input.secret { String::new() } else { format!(" `{}`", text(&value)) };
            return Err(InputError {
                message: format!(
                    "input `{name}` from {origin} has the value{shown}, which is not allowed"
                ),
                help: format!("one of {}", list(&allowed.iter().map(text).collect::<Vec<_>>())),
                declared: None,
            });
        }
        Ok(value)
    }
}

impl Inputs {
    fn insert(&mut self, name: &str, input: &Input, value: Value) {
        let shown = if input.secret { aei_core::redact::MASK.into() } else { value.clone() };
        if input.secret {
            collect_texts(&value, &mut self.secrets);
        }
        self.shown.insert(name.to_owned(), shown);
        self.values.insert(name.to_owned(), value);
    }
}

/// A secret map or list hides every text in it.
fn collect_texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, into)),
        Value::Object(map) => map.values().for_each(|item| collect_texts(item, into)),
        Value::Null | Value::Bool(_) => {}
        scalar => into.push(text(scalar)),
    }
}

fn environment_name(name: &str) -> String {
    let upper = name.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("AEI_INPUT_{upper}")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn list(names: &[impl AsRef<str>]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

const fn wanted(kind: InputType) -> &'static str {
    match kind {
        InputType::String => "a text",
        InputType::Integer => "a whole number",
        InputType::Number => "a number",
        InputType::Boolean => "`true` or `false`",
        InputType::List => "a list in JSON",
        InputType::Map => "a map in JSON",
    }
}

/// Reads what people type, by the type that the template declares.
pub(crate) fn from_text(text: &str, kind: InputType) -> Result<Value, &'static str> {
    if kind == InputType::String {
        return Ok(text.into());
    }
    let value = serde_json::from_str(text.trim()).map_err(|_| wanted(kind))?;
    from_value(&value, kind)
}

/// Takes a typed value, or a text that reads as one.
pub(crate) fn from_value(value: &Value, kind: InputType) -> Result<Value, &'static str> {
    let fits = match kind {
        InputType::String => value.is_string(),
        InputType::Integer => value.is_i64() || value.is_u64(),
        InputType::Number => value.is_number(),
        InputType::Boolean => value.is_boolean(),
        InputType::List => value.is_array(),
        InputType::Map => value.is_object(),
    };
    match value {
        value if fits => Ok(value.clone()),
        Value::Number(_) | Value::Bool(_) if kind == InputType::String => Ok(text(value).into()),
        Value::String(text) => from_text(text, kind),
        _ => Err(wanted(kind)),
    }
}

/// Labels of a node as a JSON map.
pub(crate) fn labels(node: &BTreeMap<String, String>) -> Value {
    Value::Object(node.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect())
}
