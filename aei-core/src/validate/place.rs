use super::rule::Rule;

/// Where in a template a node stands, in the words of messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The nearest key above; empty at the top.
    key: &'a str,
    /// Whether it is an element of the list at that key.
    item: bool,
    /// The runner kind whose `with` this is or is inside of.
    kind: Option<&'a str>,
    /// Whether it is that `with` itself.
    whole: Whole,
    /// What the whole document is called.
    document: &'static str,
}

const TEMPLATE: &str = "the template";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    No,
    With,
    Defaults,
}

impl<'a> Place<'a> {
    pub(super) const fn root() -> Self {
        Self::document(TEMPLATE)
    }

    /// The whole of another document.
    pub(super) const fn document(document: &'static str) -> Self {
        Self { key: "", item: false, kind: None, whole: Whole::No, document }
    }

    /// The `with` of a step.
    pub(super) const fn with(kind: &'a str) -> Self {
        Self { key: "with", item: false, kind: Some(kind), whole: Whole::With, document: TEMPLATE }
    }

    /// The `defaults.with` of a kind.
    pub(super) const fn defaults(kind: &'a str) -> Self {
        Self {
            key: kind,
            item: false,
            kind: Some(kind),
            whole: Whole::Defaults,
            document: TEMPLATE,
        }
    }

    pub(super) const fn key(self, key: &'a str) -> Self {
        Self { key, item: false, whole: Whole::No, ..self }
    }

    pub(super) const fn item(self) -> Self {
        Self { item: true, whole: Whole::No, ..self }
    }

    /// Whether this is a part of the template's own grammar.
    pub(super) const fn is_template(self) -> bool {
        self.kind.is_none()
    }

    /// The kind, when this is the whole of a `with`.
    pub(super) const fn is_with(self) -> Option<&'a str> {
        match self.whole {
            Whole::No => None,
            Whole::With | Whole::Defaults => self.kind,
        }
    }

    /// Whether this is `defaults.with.<kind>` itself.
    pub(super) const fn is_defaults(self) -> bool {
        matches!(self.whole, Whole::Defaults)
    }

    /// The node as the subject of a sentence: `` `timeout` ``, ``an element of `tags` ``.
    pub(super) fn subject(self) -> String {
        match self {
            Self { key: "", document, .. } => document.to_owned(),
            Self { key: "cases", item: true, kind: None, .. } => "a case".to_owned(),
            Self { key: "steps" | "setup" | "teardown", item: true, kind: None, .. } => {
                "a step".to_owned()
            }
            Self { key: "expect", item: true, kind: None, .. } => "a check".to_owned(),
            Self { key, item: true, .. } => format!("an element of `{key}`"),
            _ => self.named(),
        }
    }

    /// The node as what holds a key: `` `with` of `http` ``.
    pub(super) fn container(self, rule: &Rule) -> String {
        match rule.name.as_deref() {
            Some("Input") if self.is_template() => format!("input `{}`", self.key),
            Some("Block") if self.is_template() => format!("block `{}`", self.key),
            _ => match self.kind {
                Some(kind) if self.whole == Whole::No => format!("{} of `{kind}`", self.subject()),
                _ => self.subject(),
            },
        }
    }

    fn named(self) -> String {
        match (self.whole, self.kind) {
            (Whole::With, Some(kind)) => format!("`with` of `{kind}`"),
            (Whole::Defaults, Some(kind)) => format!("`defaults.with.{kind}`"),
            _ => format!("`{}`", self.key),
        }
    }
}
