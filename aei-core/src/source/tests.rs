//! Both spellings through the public face.

use serde_json::{Value, json};

use super::{Node, NodeValue, SourceMap, Syntax, parse, render};

fn read(text: &str, syntax: Syntax) -> (Result<Node, String>, SourceMap) {
    let mut map = SourceMap::default();
    let name = if syntax == Syntax::Json { "t.json" } else { "t.yaml" };
    let node = parse(&mut map, name, text.into(), syntax);
    (node.map_err(|mistake| render(&[mistake], &map, false)), map)
}

fn value(text: &str, syntax: Syntax) -> Value {
    read(text, syntax).0.unwrap_or_else(|wrong| panic!("{text}\n{wrong}")).to_value()
}

#[test]
fn yaml_is_read() {
    for (text, expected) in [
        ("", Value::Null),
        ("# nothing\n", Value::Null),
        ("a: 1\nb: [x, {c: 'd'}]\n", json!({"a": 1, "b": ["x", {"c": "d"}]})),
        ("- a\n-\n- b: \n", json!(["a", null, {"b": null}])),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", json!({"a": "x\ny\n", "b": "x y"})),
        ("200: ok\ntrue: yes\n", json!({"200": "ok", "true": "yes"})),
        ("a: !!str 1\nb: !!int '2'\nc: ! 3\n", json!({"a": "1", "b": 2, "c": "3"})),
        ("a: &x {b: 1}\nc: *x\n", json!({"a": {"b": 1}, "c": {"b": 1}})),
        (
            "base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n",
            json!({"base": {"x": 1, "y": 2}, "use": {"x": 1, "y": 3}}),
        ),
        ("'<<': 1\n", json!({"<<": 1})),
        ("---\na: 1\n...\n", json!({"a": 1})),
    ] {
        assert_eq!(value(text, Syntax::Yaml), expected, "{text}");
    }
}

#[test]
fn json_is_read() {
    let text = "{\"a\": [1, -2.5e3, \"\\u00e9\\n\", true, null], \"b\" : {} }\n";
    let expected = json!({"a": [1, -2500.0, "é\n", true, null], "b": {}});
    assert_eq!(value(text, Syntax::Json), expected);
}
