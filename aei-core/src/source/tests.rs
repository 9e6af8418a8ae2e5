//! Both spellings through the public face.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Node, NodeValue, SourceMap, Syntax, parse, render};

fn read(text: &str, syntax: Syntax) -> Result<Node, String> {
    let mut map = SourceMap::default();
    parse(&mut map, "t", text.into(), syntax).map_err(|wrong| render(&[wrong], &map, false))
}

fn value(text: &str, syntax: Syntax) -> Value {
    read(text, syntax).unwrap_or_else(|wrong| panic!("{text}\n{wrong}")).to_value()
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

/// The message of a mistake, with its line and column.
fn mistake(text: &str, syntax: Syntax) -> String {
    let mut map = SourceMap::default();
    let mistake = parse(&mut map, "t", text.into(), syntax).expect_err(text);
    let at = map.position(mistake.span).unwrap();
    format!("{}:{} {}", at.line, at.column, mistake.message)
}

#[test]
fn an_unquoted_expression_in_braces_is_told_to_be_quoted() {
    let mut map = SourceMap::default();
    let mistake = parse(&mut map, "t", "{ a: ${{ b }} }".into(), Syntax::Yaml).unwrap_err();
    assert_eq!(mistake.help.as_deref(), Some("put a text with `${{ }}` in quotes"));
}

#[test]
fn broken_json_says_what_was_expected() {
    for (text, expected) in [
        ("", "1:1 expected a value, found the end of the file"),
        ("{\"a\": [1, 2", "1:12 expected `,` or `]`, found the end of the file"),
        ("{\"a\": 1\n \"b\": 2}", "2:2 expected `,` or `}`, found `\"`"),
        ("{\"a\" 1}", "1:6 expected `:` after the key, found `1`"),
        ("[1,]", "1:4 expected a value after `,`, found `]`"),
        ("{'a': 1}", "1:2 expected a key such as `\"name\"`, found `'`"),
        ("{} x", "1:4 expected the end of the file, found `x`"),
        ("[tru]", "1:2 expected a value, found `tru`"),
        ("[NaN]", "1:2 expected a value, found `NaN`"),
        ("[01]", "1:3 numbers have no leading zeros"),
        ("[1e999]", "1:2 the number is too large"),
        ("[\"é\nb\"]", "1:4 expected `\"` to end the string, found the end of the line"),
        ("[\"é\\x\"]", "1:5 unknown escape in a string"),
    ] {
        assert_eq!(mistake(text, Syntax::Json), expected, "{text}");
    }
}

#[test]
fn broken_yaml_says_what_was_expected() {
    for (text, expected) in [
        ("a: [1, 2\nb: 3\n", "2:2 `:` cannot stand here"),
        ("a:\n\tb: 1\n", "2:2 tabs cannot indent in YAML"),
        ("a: *x\n", "1:4 no anchor of this name stands before it"),
        ("a: {{ x }}\n", "1:5 a key is a string, and this is a map"),
        ("- [a\n- b\n", "1:3 expected `]` for this `[`"),
        ("a: |\n  x\n y: 1\n", "3:2 expected a key of the map, found `y`"),
        ("- a\nb: 1\n", "2:1 expected `-` for the next element, found `b`"),
        ("a: !foo 1\n", "1:4 the tag `!foo` does not fit this value"),
        ("a: !!map [1]\n", "1:4 the tag `!!map` does not fit a list"),
        ("é: \"x\n", "1:4 expected a quote to end the string"),
        ("a: @x\n", "1:4 no value starts with `@`"),
        ("a: .nan\n", "1:4 `.nan` has no spelling in JSON, so it is no value here"),
        ("a: &x [*x]\n", "1:8 this alias stands inside the node it names"),
        (": 1\n", "1:1 expected a key before `:`"),
        ("a: 1\n---\nb: 1\n", "2:1 a file holds one document, a second one starts here"),
        ("a:\n  <<: 1\n", "2:7 `<<` merges maps, and this is a whole number"),
    ] {
        assert_eq!(mistake(text, Syntax::Yaml), expected, "{text}");
    }
}

#[test]
fn duplicate_keys_point_at_both() {
    let many: Vec<_> = (0..40).map(|i| format!("\"k{i}\": 0, ")).collect();
    let many = many.concat();
    for (text, syntax, first, second) in [
        ("a: 1\nb: 2\na: 3\n".to_owned(), Syntax::Yaml, 0, 10),
        ("{1: x, '1': y}".to_owned(), Syntax::Yaml, 1, 7),
        ("{\"a\" : 1, \"\\u0061\": 2}".to_owned(), Syntax::Json, 1, 10),
        (format!("{{{many}\"k5\": 1}}"), Syntax::Json, 46, 1 + many.len()),
    ] {
        let mut map = SourceMap::default();
        let wrong = parse(&mut map, "t", text.clone().into(), syntax).expect_err(&text);
        let base = map.files()[0].base as usize;
        assert_eq!(wrong.code, "duplicate-key");
        assert_eq!(wrong.span.start as usize - base, second, "{text}");
        assert_eq!(wrong.related[0].0.start as usize - base, first, "{text}");
    }
}

#[test]
fn spans_cover_keys_scalars_and_whole_lists_and_maps() {
    fn walk(node: &Node, map: &SourceMap, seen: &mut Vec<String>) {
        seen.push(map.text(node.span).unwrap().to_owned());
        match &node.value {
            NodeValue::List(items) => items.iter().for_each(|item| walk(item, map, seen)),
            NodeValue::Map(entries) => {
                for (key, item) in entries {
                    seen.push(map.text(key.span).unwrap().to_owned());
                    walk(item, map, seen);
                }
            }
            _ => {}
        }
    }
    let spans = |text: &str, syntax| {
        let mut map = SourceMap::default();
        // A file before it: spans are places of the map, not of the file.
        map.add("other", "é".into()).unwrap();
        let node = parse(&mut map, "t", text.into(), syntax).unwrap();
        let mut seen = Vec::new();
        walk(&node, &map, &mut seen);
        seen
    };
    let yaml = "a: é # x\n\nb:\n  - 'c'\n  - {d: [1] } # y\n  -\nf:\n\ng: |\n  h\n\n  i\n\n# z\n";
    let list = "- 'c'\n  - {d: [1] } # y\n  -";
    let expected = [
        &yaml[..yaml.len() - 6],
        "a",
        "é",
        "b",
        list,
        "'c'",
        "{d: [1] }",
        "d",
        "[1]",
        "1",
        "",
        "f",
        "",
        "g",
        "h\n\n  i",
    ];
    assert_eq!(spans(yaml, Syntax::Yaml), expected);
    let json = " {\"é\" : [ 1.5, \"x\\n\" ], \"b\": {} } ";
    let expected = [json.trim(), "\"é\"", "[ 1.5, \"x\\n\" ]", "1.5", "\"x\\n\"", "\"b\"", "{}"];
    assert_eq!(spans(json, Syntax::Json), expected);
}

#[test]
fn nesting_is_limited_to_128() {
    let list = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for syntax in [Syntax::Json, Syntax::Yaml] {
        assert!(read(&list(128), syntax).is_ok());
        let expected = "1:129 lists and maps are nested more than 128 deep";
        assert_eq!(mistake(&list(129), syntax), expected);
        assert_eq!(mistake(&list(100_000), syntax), expected);
    }
    let block = |depth: usize| "- ".repeat(depth) + "x";
    assert!(read(&block(128), Syntax::Yaml).is_ok());
    assert!(mistake(&block(129), Syntax::Yaml).contains("128 deep"));
    let mixed = "- ".repeat(100) + &list(29);
    assert!(mistake(&mixed, Syntax::Yaml).contains("128 deep"));
    let by_alias = format!("a: &a {}\nb: {}*a{}\n", list(100), "[".repeat(28), "]".repeat(28));
    assert!(mistake(&by_alias, Syntax::Yaml).contains("128 deep"));
}

#[test]
fn alias_bombs_do_not_go_off() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        writeln!(text, "a{level}: &a{level} [{before}]").unwrap();
    }
    assert!(mistake(&text, Syntax::Yaml).contains("more than 64 MiB"));
    let wide = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(1000));
    assert!(mistake(&wide, Syntax::Yaml).contains("more than 64 MiB"));
}

#[test]
fn merges_take_what_is_not_there() {
    let text =
        "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd: {<<: *b, <<: *a}\n";
    let expected = json!({
        "a": {"x": 1, "y": 1}, "b": {"y": 2, "z": 2},
        "c": {"x": 0, "y": 1, "z": 2}, "d": {"y": 2, "z": 2, "x": 1},
    });
    assert_eq!(value(text, Syntax::Yaml), expected);
}

#[test]
fn files_past_the_limit_and_wrong_encodings_are_refused() {
    let mut map = SourceMap::default();
    let large = vec![b' '; (64 << 20) + 1];
    let wrong = parse(&mut map, "t.yaml", large, Syntax::Yaml).unwrap_err();
    assert!(wrong.message.contains("more than the 64 MiB"), "{}", wrong.message);
    let wrong =
        parse(&mut map, "t.yaml", b"a: 1\nb: caf\xE9\n".to_vec(), Syntax::Yaml).unwrap_err();
    let at = map.position(wrong.span).unwrap();
    assert_eq!((at.line, at.column), (2, 7));
}

#[test]
fn json_files_are_known_by_their_name() {
    for (path, syntax) in [
        ("a.json", Syntax::Json),
        ("a.JSON", Syntax::Json),
        ("é.yml", Syntax::Yaml),
        ("json", Syntax::Yaml),
    ] {
        assert_eq!(Syntax::of_path(path), syntax);
    }
}

/// Whether spans lie in the file, and scalars where their text is.
fn check_spans(node: &Node, map: &SourceMap) {
    let text = map.text(node.span).expect("a span within the file");
    match &node.value {
        NodeValue::List(items) => items.iter().for_each(|item| check_spans(item, map)),
        NodeValue::Map(entries) => {
            for (key, item) in entries {
                assert!(map.text(key.span).is_some());
                check_spans(item, map);
            }
        }
        NodeValue::Int(_) | NodeValue::Float(_) | NodeValue::Bool(_) => assert!(!text.is_empty()),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_makes_a_reader_panic(
        text in "([a-c:#?*&!|>'\"%@`{}\\[\\], \n\t~<=.0-9é-]|- |: |\n  |&a|\\*a|<<: |---\n|!!str ){0,40}"
    ) {
        for syntax in [Syntax::Json, Syntax::Yaml] {
            let mut map = SourceMap::default();
            match parse(&mut map, "t", text.clone().into(), syntax) {
                Ok(node) => check_spans(&node, &map),
                Err(mistake) => {
                    prop_assert!(render(&[mistake], &map, false).contains("--> t:"));
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for syntax in [Syntax::Json, Syntax::Yaml] {
            let mut map = SourceMap::default();
            match parse(&mut map, "t", bytes.clone(), syntax) {
                Ok(node) => check_spans(&node, &map),
                Err(mistake) => drop(render(&[mistake], &map, false)),
            }
        }
    }

    #[test]
    fn scalars_of_json_lie_on_their_text(values in prop::collection::vec(any::<(i64, String)>(), 0..8)) {
        let text = serde_json::to_string(&values).unwrap();
        let mut map = SourceMap::default();
        let node = parse(&mut map, "t", text.into(), Syntax::Json).unwrap();
        for (pair, (number, word)) in node.as_list().unwrap().iter().zip(&values) {
            let pair = pair.as_list().unwrap();
            prop_assert_eq!(map.text(pair[0].span).unwrap(), number.to_string());
            prop_assert_eq!(map.text(pair[1].span).unwrap(), serde_json::to_string(word).unwrap());
        }
    }
}
