use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shape;
use crate::runner::{Registry, StepContext, StepError, StepRunner};
use crate::source::{Node, Span};
use crate::template::Period;

struct Fetch;

/// Fetches a page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Params {
    /// Where to.
    url: String,
    /// How.
    #[serde(default)]
    method: Method,
    /// How often.
    #[serde(default)]
    times: Option<u32>,
    /// Who.
    #[serde(default)]
    auth: Option<Auth>,
    /// How long.
    #[serde(default)]
    patience: Option<Period>,
}

/// A verb.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    /// Reads.
    #[default]
    Get,
    /// Writes.
    Post,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is looked at")]
enum Auth {
    Bearer(String),
    Basic { user: String, password: String },
}

#[derive(Serialize, JsonSchema)]
struct Outcome {
    status: u16,
}

impl StepRunner for Fetch {
    const KIND: &'static str = "fetch";
    type Params = Params;
    type Outcome = Outcome;

    async fn run(&self, _: Params, _: &StepContext) -> Result<Outcome, StepError> {
        Ok(Outcome { status: 200 })
    }
}

fn registry() -> Registry {
    let mut registry = Registry::empty();
    registry.register(Fetch);
    registry
}

fn mistakes(template: &Value) -> Vec<String> {
    let found = shape(&Node::from_value(template, Span::NONE), &registry());
    let words = |d: crate::diagnostic::Diagnostic| match d.help {
        Some(help) => format!("{}; {help}", d.message),
        None => d.message,
    };
    let mut words: Vec<String> = found.into_iter().map(words).collect();
    words.sort();
    words
}

fn with(with: &Value) -> Value {
    json!({ "aei": 1, "cases": [{ "id": "a", "steps": [{ "uses": "fetch", "with": with }] }] })
}

#[test]
fn a_good_template_has_no_mistakes() {
    let template = json!({
        "aei": 1,
        "defaults": { "timeout": "10s", "with": { "fetch": { "times": 2 } } },
        "cases": [{
            "id": "a",
            "matrix": { "n": [1, 2], "from": "rows.csv" },
            "steps": [{
                "uses": "fetch",
                "with": { "url": "/", "times": "${{ inputs.n }}", "auth": { "bearer": "x" } },
                "expect": [{ "that": "status", "in": "${{ inputs.good }}", "exists": true }]
            }]
        }]
    });
    assert_eq!(mistakes(&template), Vec::<String>::new());
}

#[test]
fn what_defaults_give_is_not_missing() {
    let mut template = with(&json!({}));
    assert_eq!(mistakes(&template), ["missing key `url` in `with` of `fetch`"]);
    template["defaults"] = json!({ "with": { "fetch": { "url": "/" } } });
    assert_eq!(mistakes(&template), Vec::<String>::new());
}

#[test]
fn all_mistakes_are_found_at_once() {
    let template = with(&json!({
        "url": 1, "mathod": "GET", "method": "PSOT", "times": -1, "patience": 10,
        "auth": { "baerer": "x" }, "expect": []
    }));
    let expected = [
        "`method` must be `GET` or `POST`, not `PSOT`; did you mean `POST`?",
        "`patience` must be a duration such as `10s`, not a whole number; \
         write its unit: `10s` or `10ms`",
        "`times` must be at least 0, not -1",
        "`url` must be a string, not a whole number; put it in quotes: `\"1\"`",
        "unknown key `baerer` in `auth` of `fetch`; did you mean `bearer`?",
        "unknown key `expect` in `with` of `fetch`; `expect` belongs beside `with`, not in it",
        "unknown key `mathod` in `with` of `fetch`; did you mean `method`?",
    ];
    assert_eq!(mistakes(&template), expected);
}

fn any_node() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let word = prop::sample::select(vec![
        "aei", "cases", "id", "steps", "uses", "with", "fetch", "url", "auth", "expect", "that",
        "equals", "retry", "timeout", "defaults", "inputs", "matrix", "from", "block:x", "10s",
        "${{ x }}", "", "é",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word.clone(), inner, 0..6).prop_map(|map| {
                Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
            }),
        ]
    })
}

proptest::proptest! {
    #[test]
    fn any_tree_is_walked_and_what_fits_can_be_read(value in any_node()) {
        let mut value = value;
        if let Some(map) = value.as_object_mut() {
            map.insert("aei".into(), 1.into());
        }
        let node = Node::from_value(&value, Span::NONE);
        if shape(&node, &registry()).is_empty() {
            proptest::prop_assert!(crate::source::from_node::<crate::template::Template>(node).is_ok());
        }
    }
}
