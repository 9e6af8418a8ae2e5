use std::borrow::Cow;

use aei_core::source::Node;
use aei_core::template::Step;
use serde_json::Value;

use super::case::CaseRun;

/// The most characters of one value in a step's name.
const MAX_WORD: usize = 60;

impl CaseRun<'_> {
    /// What people call a step, with the calls of blocks that led to it in front.
    ///
    /// `with` is what the step gets, where that is known. Evaluated a second time, `uuid()` would
    /// give a name to something that was never sent.
    pub(super) fn full_name(&self, step: &Step, prefix: &str, with: Option<&Value>) -> String {
        let own = self.name(step, with);
        if prefix.is_empty() { own } else { format!("{prefix} › {own}") }
    }

    /// Its name, its id, or its runner with the first words of `with`.
    fn name(&self, step: &Step, with: Option<&Value>) -> String {
        if let Some(name) = &step.name {
            let rendered = self.suite.evaluator.render_text(&name.value, name.span, &self.scope);
            return rendered.unwrap_or_else(|_| name.value.to_string());
        }
        if let Some(id) = &step.id {
            return id.value.to_string();
        }
        let mut name = step.uses.value.to_string();
        let entries = step.with.as_ref().and_then(Node::as_map).unwrap_or_default();
        let words = entries.iter().filter_map(|(key, node)| {
            let text = first_text(node)?;
            let known = with.and_then(|with| with.get(key.name.as_str()));
            Some(known.map_or_else(|| self.guess(text), |value| word(value).into_owned()))
        });
        for mut text in words.take(2) {
            // Before the cut: half a secret would not be found later.
            self.shared.redactor.clean(&mut text);
            let line = text.lines().next().unwrap_or_default();
            name.push(' ');
            name.extend(line.chars().take(MAX_WORD));
            if line.chars().nth(MAX_WORD).is_some() {
                name.push('…');
            }
        }
        name
    }

    /// A text of a step that gets nothing: what it would say, or as it is written.
    fn guess(&self, text: &Node) -> String {
        let written = text.as_str().unwrap_or_default();
        let rendered = self.suite.evaluator.render_text(written, text.span, &self.scope);
        rendered.unwrap_or_else(|_| written.to_owned())
    }
}

/// The text that a value is named by, or the first of a list of them.
fn first_text(node: &Node) -> Option<&Node> {
    let node = node.as_list().map_or(Some(node), <[_]>::first)?;
    node.as_str().map(|_| node)
}

fn word(value: &Value) -> Cow<'_, str> {
    match value.as_array().and_then(|items| items.first()).unwrap_or(value) {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}
