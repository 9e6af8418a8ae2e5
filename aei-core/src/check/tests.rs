use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::evaluator::{Evaluator, Snapshots};
use crate::event::CheckResult;
use crate::expr::Scope;
use crate::host::{Host, HostError};
use crate::source::{Node, SourceMap, Span, from_node};
use crate::template::Check;

/// A world that stands still.
#[derive(Default)]
pub(crate) struct FixedHost {
    pub(crate) files: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
}

impl Host for FixedHost {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn random_int(&self, low: i64, _: i64) -> i64 {
        low
    }

    fn env(&self, _: &str) -> Option<String> {
        Some("host".to_owned())
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        self.files.lock().unwrap().get(path).cloned().ok_or_else(|| HostError {
            action: "read",
            path: path.display().to_string(),
            reason: "no such file".into(),
            not_found: true,
        })
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HostError> {
        self.files.lock().unwrap().insert(path.to_owned(), content.to_vec());
        Ok(())
    }
}

impl FixedHost {
    pub(crate) fn with(files: &[(&str, &str)]) -> Arc<Self> {
        let files =
            files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        Arc::new(Self { files: Mutex::new(files.collect()) })
    }
}

pub(crate) fn evaluator(host: &Arc<FixedHost>, update: bool) -> Evaluator {
    let host: Arc<dyn Host> = Arc::<FixedHost>::clone(host);
    let snapshots = Snapshots { dir: "dir/snapshots".into(), update };
    Evaluator::new(host, Arc::new(SourceMap::default()), "dir".into(), snapshots)
}

pub(crate) fn scope(vars: Value) -> Scope {
    let Value::Object(vars) = vars else { panic!("vars are a map") };
    let env: Map<_, _> = [("LISTED".to_owned(), json!("yes"))].into_iter().collect();
    Scope { vars, env: Arc::new(env), ..Scope::default() }
}

pub(crate) fn check(entry: &Value) -> Check {
    from_node(Node::from_value(entry, Span::NONE)).unwrap()
}

fn run(entry: &Value, outcome: &Value) -> Vec<CheckResult> {
    let entry = check(entry);
    let host = FixedHost::with(&[
        ("dir/user.schema.json", r#"{"type": "object", "required": ["id"]}"#),
        ("dir/broken.json", "{"),
        ("dir/a b/list.yaml", "type: array\nitems: { $ref: 'item.json#/$defs/item' }\n"),
        ("dir/a b/item.json", r#"{"$defs": {"item": {"$ref": "../user.schema.json"}}}"#),
    ]);
    evaluator(&host, false).check(&entry, outcome, &scope(json!({"limit": 5})))
}

#[track_caller]
fn holds(entry: &Value, outcome: &Value) {
    for result in run(entry, outcome) {
        assert!(result.passed, "{entry}: {:?}", result.message);
        assert_eq!((result.message, result.diff, result.location), (None, None, None));
    }
}

#[track_caller]
fn fails(entry: &Value, outcome: &Value, message: &str) {
    let results = run(entry, outcome);
    let failed: Vec<_> = results.into_iter().filter(|result| !result.passed).collect();
    let messages: Vec<_> = failed.into_iter().filter_map(|result| result.message).collect();
    assert_eq!(messages, [message], "{entry}");
}

#[test]
fn equality() {
    let outcome = json!({"status": 404, "json": {"a": 1, "b": [1, 2]}, "none": null});
    holds(&json!({"that": "status", "equals": 404.0}), &outcome);
    holds(&json!({"that": "json", "equals": {"b": [1.0, 2], "a": 1}}), &outcome);
    holds(&json!({"that": "none", "equals": null}), &outcome);
    holds(&json!({"that": "status", "not_equals": "404"}), &outcome);
    fails(
        &json!({"that": "status", "equals": 200}),
        &outcome,
        "expected status to equal 200, was 404",
    );
    fails(
        &json!({"that": "nope", "equals": null}),
        &outcome,
        "expected nope to equal null, found nothing",
    );
    fails(
        &json!({"that": "nope", "not_equals": 1}),
        &outcome,
        "expected nope to not equal 1, found nothing",
    );
    let result = run(&json!({"that": "json", "equals": {"a": 2, "b": [1, 2]}}), &outcome);
    assert!(result[0].diff.as_ref().unwrap().contains("-  \"a\": 2,\n+  \"a\": 1,\n"));
}

#[test]
fn containing() {
    let outcome = json!({"text": "hello world", "list": [1, {"a": 1}], "map": {"a": 1, "b": {"c": 2}}, "n": 5});
    for entry in [
        json!({"that": "text", "contains": "lo w"}),
        json!({"that": "text", "not_contains": "nope"}),
        json!({"that": "list", "contains": 1.0}),
        json!({"that": "list", "contains": {"a": 1}}),
        json!({"that": "list", "not_contains": 2}),
        json!({"that": "map", "contains": {"b": {"c": 2}}}),
        json!({"that": "map", "not_contains": {"a": 2}}),
        json!({"that": "text", "starts_with": "hello", "ends_with": "world"}),
        json!({"that": "text", "matches": "^h.*d$"}),
        json!({"that": "text", "matches": "o w"}),
    ] {
        holds(&entry, &outcome);
    }
    fails(
        &json!({"that": "text", "contains": "xyz"}),
        &outcome,
        "expected text to contain \"xyz\", was \"hello world\"",
    );
    fails(
        &json!({"that": "n", "contains": 5}),
        &outcome,
        "expected n to contain 5, was 5, a number; `contains` is for texts, lists and maps",
    );
    fails(
        &json!({"that": "n", "not_contains": 5}),
        &outcome,
        "expected n to not contain 5, was 5, a number; `not_contains` is for texts, lists and maps",
    );
    fails(
        &json!({"that": "list", "matches": "1"}),
        &outcome,
        "expected list to match `1`, was [1,{\"a\":1}], a list; `matches` is for texts",
    );
    fails(
        &json!({"that": "n", "matches": "5"}),
        &outcome,
        "expected n to match `5`, was 5, a number; `matches` is for texts",
    );
}

#[test]
fn order() {
    let outcome = json!({"n": 5, "text": "b"});
    for entry in [
        json!({"that": "n", "lt": 5.5, "gt": 4, "le": 5, "ge": 5}),
        json!({"that": "n", "between": [5, 5]}),
        json!({"that": "n", "le": "${{ vars.limit }}"}),
        json!({"that": "text", "lt": "c", "between": ["a", "b"]}),
        json!({"that": "n", "in": [1, 5.0]}),
        json!({"that": "n", "not_in": [1, "5"]}),
        json!({"that": "n", "approx": {"value": 5.2, "tolerance": "5%"}}),
        json!({"that": "n", "approx": {"value": 4, "tolerance": 1}}),
    ] {
        holds(&entry, &outcome);
    }
    fails(&json!({"that": "n", "lt": 5}), &outcome, "expected n to be less than 5, was 5");
    fails(
        &json!({"that": "n", "between": [6, 7]}),
        &outcome,
        "expected n to be between 6 and 7, was 5",
    );
    fails(
        &json!({"that": "text", "gt": 1}),
        &outcome,
        "expected text to be greater than 1, was \"b\", a string, which does not compare with a number",
    );
    fails(
        &json!({"that": "n", "approx": {"value": 4, "tolerance": "10%"}}),
        &outcome,
        "expected n to be 4 ± 10%, was 5",
    );
    fails(&json!({"that": "n", "in": [1, 2]}), &outcome, "expected n to be one of [1,2], was 5");
}

#[test]
fn shape() {
    let outcome = json!({"list": [1, 2], "text": "äö", "map": {}, "null": null, "n": 1.5});
    for entry in [
        json!({"that": "list", "length": 2}),
        json!({"that": "text", "length": 2}),
        json!({"that": "list", "length": {"gt": 1, "le": 2}}),
        json!({"that": "list", "is": "list"}),
        json!({"that": "n", "is": "number"}),
        json!({"that": "null", "is": "null", "exists": true, "empty": true}),
        json!({"that": "nope", "exists": false}),
        json!({"that": "nope", "empty": true}),
        json!({"that": "map", "empty": true}),
        json!({"that": "list", "empty": false}),
        json!({"that": "n", "empty": false}),
    ] {
        holds(&entry, &outcome);
    }
    fails(
        &json!({"that": "nope", "exists": true}),
        &outcome,
        "expected nope to exist, found nothing",
    );
    fails(
        &json!({"that": "nope", "empty": false}),
        &outcome,
        "expected nope to not be empty, found nothing",
    );
    fails(&json!({"that": "n", "exists": false}), &outcome, "expected n to not exist, was 1.5");
    fails(
        &json!({"that": "n", "is": "integer"}),
        &outcome,
        "expected n to be an integer, was 1.5, a number",
    );
    fails(
        &json!({"that": "list", "length": {"gt": 2}}),
        &outcome,
        "expected list to have a length of {\"gt\":2}, has 2: [1,2]",
    );
    fails(
        &json!({"that": "n", "length": 1}),
        &outcome,
        "expected n to have the length 1, was 1.5, a number; `length` is for texts, lists and maps",
    );
}

#[test]
fn schemas() {
    let outcome = json!({"json": {"id": "x", "tags": [1, "a"]}});
    holds(&json!({"that": "json", "schema": "user.schema.json"}), &outcome);
    fails(
        &json!({"that": "json", "schema": {"properties": {
            "id": {"type": "integer"}, "tags": {"items": {"type": "string"}}
        }}}),
        &outcome,
        "expected json to fit the schema, but it does not:\n  /id: \"x\" is not of type \"integer\"\n  /tags/0: 1 is not of type \"string\"",
    );
    let broken = run(&json!({"that": "json", "schema": "broken.json"}), &outcome);
    assert!(broken[0].message.as_ref().unwrap().starts_with("dir/broken.json:1:"));
    let mail = json!({"properties": {"id": {"format": "email"}}});
    assert!(!run(&json!({"that": "json", "schema": mail}), &outcome)[0].passed);
    let bomb = json!({"pattern": "^(a+)+$"});
    assert!(
        !run(&json!({"that": "id", "schema": bomb}), &json!({"id": "a".repeat(50_000) + "!"}))[0]
            .passed
    );
}

#[test]
fn schemas_above_the_template_refer_to_files_beside_themselves() {
    let host = FixedHost::with(&[
        ("dir/../shared/list.json", r#"{"items": {"$ref": "item.json"}}"#),
        ("dir/../shared/item.json", r#"{"$ref": "../types.json"}"#),
        ("dir/../types.json", r#"{"type": "integer"}"#),
        ("dir/item.json", "true"),
    ]);
    let check = json!({"that": "list", "schema": "../shared/list.json"});
    let check: Check = from_node(Node::from_value(&check, Span::new(1, 2))).unwrap();
    let check = |outcome: &Value| {
        evaluator(&host, false).check(&check, outcome, &Scope::default()).remove(0)
    };
    assert!(!check(&json!({"list": ["x"]})).passed);
    let good = check(&json!({"list": [1]}));
    assert!(good.passed, "{:?}", good.message);
}

#[test]
fn schemas_refer_to_files_beside_them() {
    let entry = json!({"that": "list", "schema": "a b/list.yaml"});
    holds(&entry, &json!({"list": [{"id": 1}]}));
    fails(
        &entry,
        &json!({"list": [{"id": 1}, {}]}),
        "expected list to fit the schema `a b/list.yaml`, but it does not:\n  /1: \"id\" is a required property",
    );
    let far = json!({"$ref": "http://127.0.0.1:1/x.json"});
    let result = run(&json!({"that": "list", "schema": far}), &json!({"list": []}));
    assert!(result[0].message.as_ref().unwrap().contains("read from files only"), "{result:?}");
}

#[test]
fn snapshots() {
    let host = FixedHost::with(&[]);
    let outcome = json!({"json": {"b": 1, "a": [1]}, "text": "line\nline two\n"});
    let both = [
        check(&json!({"that": "json", "snapshot": "one/json"})),
        check(&json!({"that": "text", "snapshot": "text"})),
    ];
    let ask = |outcome: &Value, update: bool| -> Vec<CheckResult> {
        let evaluator = evaluator(&host, update);
        both.iter().flat_map(|c| evaluator.check(c, outcome, &scope(json!({})))).collect()
    };
    let first = ask(&outcome, false);
    assert!(first.iter().all(|result| !result.passed));
    assert!(first[0].message.as_ref().unwrap().contains("--update-snapshots"));
    assert!(ask(&outcome, true).iter().all(|result| result.passed));
    let stored = host.files.lock().unwrap()[Path::new("dir/snapshots/one/json.json")].clone();
    assert_eq!(String::from_utf8(stored).unwrap(), "{\n  \"a\": [\n    1\n  ],\n  \"b\": 1\n}\n");
    assert!(
        ask(&json!({"text": "line\nline two\n", "json": {"a": [1], "b": 1.0}}), false)
            .iter()
            .all(|result| result.passed)
    );
    let changed = ask(&json!({"json": {"a": [1], "b": 2}, "text": "line\nline 2\n"}), false);
    assert!(changed[0].diff.as_ref().unwrap().contains("-  \"b\": 1\n+  \"b\": 2\n"));
    assert!(changed[1].diff.as_ref().unwrap().contains("-line two\n+line 2\n"));
    let outside = check(&json!({"that": "text", "snapshot": "../x"}));
    assert!(!evaluator(&host, true).check(&outside, &outcome, &scope(json!({})))[0].passed);
}

#[test]
fn expressions_over_it() {
    let outcome = json!({"n": 5, "user": {"name": "ann"}});
    holds(&json!({"that": "n", "satisfies": "it > 3 and it < 9 and it == vars.limit"}), &outcome);
    holds(&json!({"that": "user", "satisfies": "${{ it.name == 'ann' }}"}), &outcome);
    fails(
        &json!({"that": "n", "satisfies": "it > 7"}),
        &outcome,
        "expected n to satisfy `it > 7`, was 5",
    );
    fails(
        &json!({"that": "n", "satisfies": "it > vars.limti"}),
        &outcome,
        "cannot evaluate `it > vars.limti`: `vars` has no `limti`; did you mean `vars.limit`?",
    );
}

#[test]
fn measurements_gather_limits() {
    let outcome = json!({"v": 3.3});
    let entry = json!({"that": "v", "measure": "rail", "unit": "V", "ge": 3.1, "between": [3.0, 3.5], "lt": 3.4});
    let results = run(&entry, &outcome);
    let measured = results[0].measurement.as_ref().unwrap();
    assert_eq!((measured.value, measured.unit.as_deref()), (Some(3.3), Some("V")));
    assert_eq!((measured.limits.low, measured.limits.high), (Some(3.1), Some(3.4)));
    assert!(results[1..].iter().all(|result| result.measurement.is_none()));
}

#[test]
fn every_operator_is_answered() {
    let entry =
        json!({"that": "n", "equals": 1, "gt": 5, "is": "number", "lt": "${{ vars.nope }}"});
    let results = run(&entry, &json!({"n": 1}));
    let passed: Vec<bool> = results.iter().map(|result| result.passed).collect();
    assert_eq!(passed, [true, false, true, false]);
    assert_eq!(results[3].message.as_deref(), Some("`vars` has no `nope`; it has `limit`"));
    let bad = run(&json!({"that": "$.[", "equals": 1}), &json!({}));
    assert!(
        !bad[0].passed && bad[0].message.as_ref().unwrap().starts_with("cannot read the selector")
    );
    let nothing = run(&json!({"that": "nope"}), &json!({}));
    assert!(!nothing[0].passed);
}

#[test]
fn results_carry_excerpts_only() {
    let outcome = json!({"text": "x".repeat(100_000)});
    let results = run(&json!({"that": "text", "length": 100_000}), &outcome);
    assert!(results[0].passed);
    assert!(results[0].actual.as_ref().unwrap().as_str().unwrap().len() < 5000);
}

#[test]
fn a_regular_expression_cannot_hang() {
    let outcome = json!({"text": "a".repeat(50_000) + "!"});
    fails(
        &json!({"that": "text", "matches": "^(a+)+$"}),
        &outcome,
        &format!("expected text to match `^(a+)+$`, was \"{}…\"", "a".repeat(120)),
    );
}

#[test]
fn secrets_are_gone_before_values_are_cut() {
    let secret = "s3cret-value";
    let host = FixedHost::with(&[]);
    let mut evaluator = evaluator(&host, true);
    evaluator.hide(Arc::new(crate::redact::Redactor::new([secret])));
    let outcome = json!({"text": format!("{}{secret}", "x".repeat(super::excerpt::BUDGET - 4))});
    let entry = check(&json!({"that": "text", "snapshot": "s", "equals": "x"}));
    let results = evaluator.check(&entry, &outcome, &scope(json!({})));
    assert!(!results[0].actual.as_ref().unwrap().as_str().unwrap().contains("s3c"));
    let outcome = json!({"text": format!("{}{secret}", "x".repeat(114)), "token": secret});
    let result = &evaluator.check(&entry, &outcome, &scope(json!({})))[1];
    assert!(!result.passed && !result.message.as_ref().unwrap().contains("s3c"), "{result:?}");
    let entry = check(&json!({"that": "token", "equals": "***"}));
    let result = &evaluator.check(&entry, &outcome, &scope(json!({})))[0];
    let expected = "expected token to equal \"***\", was another; what differs is secret";
    assert_eq!((result.passed, result.message.as_deref()), (false, Some(expected)));
    let stored = host.files.lock().unwrap()[Path::new("dir/snapshots/s.txt")].clone();
    assert!(!String::from_utf8(stored).unwrap().contains("s3c"));
}

#[test]
fn one_evaluator_serves_all_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Evaluator>();
}
