//! Loading from a host of files in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{bundle, load, matrix_rows};
use crate::host::{Host, HostError};
use crate::runner::Registry;
use crate::source::{Node, SourceMap, Syntax, from_node, parse};
use crate::template::Matrix;

/// Files in memory; everything else is never asked for.
#[derive(Default)]
struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| (path.into(), text.as_bytes().to_vec())).collect())
    }
}

impl Host for Files {
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
        None
    }

    fn size(&self, path: &Path) -> Result<Option<u64>, HostError> {
        Ok((path == Path::new("huge.yaml")).then_some(100 << 20))
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        let folder = path == Path::new("folder");
        self.0.get(path).cloned().ok_or_else(|| HostError {
            action: "read",
            path: path.display().to_string(),
            reason: if folder { "Is a directory" } else { "No such file" }.into(),
            not_found: !folder,
        })
    }

    fn write(&self, _: &Path, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }
}

fn mistakes(path: &str, files: &Files) -> String {
    load(Path::new(path), &Registry::empty(), files).expect_err(path).to_string()
}

const CASE: &str = "cases: [{id: one, steps: [{uses: 'block:x'}]}]\n";
const BLOCK: &str = "{steps: [{uses: 'block:y'}]}";

#[test]
fn blocks_come_from_files_of_files() {
    let main = format!("aei: 1\ninclude: [lib/a.yaml, lib/b.json]\n{CASE}");
    let files = Files::of(&[
        ("tests/t.aei.yaml", main.as_str()),
        ("tests/lib/a.yaml", &format!("aei: 1\ninclude: [../c.yaml]\nblocks: {{x: {BLOCK}}}\n")),
        ("tests/lib/b.json", "{\"aei\": 1, \"include\": [\"./../c.yaml\"]}"),
        ("tests/c.yaml", "aei: 1\nblocks: {y: {steps: [{uses: 'block:z'}]}, z: {steps: []}}\n"),
    ]);
    let mut sources = SourceMap::default();
    let mut found = Vec::new();
    let path = Path::new("tests/t.aei.yaml");
    let root = parse(&mut sources, "t", main.clone().into(), Syntax::Yaml).unwrap();
    let root = super::include::include(root, path, &mut sources, &files, &mut found, None);
    assert!(found.is_empty(), "{found:?}");
    let names: Vec<_> = root.get("blocks").unwrap().as_map().unwrap().iter().collect();
    let names: Vec<_> = names.iter().map(|(key, _)| key.name.as_str()).collect();
    assert_eq!(names, ["y", "z", "x"]);
}

#[test]
fn a_suite_is_named_by_its_file_and_knows_its_folder() {
    let text = "aei: 1\ncases: [{id: one, steps: [{uses: 'block:x'}]}]\nblocks: {x: {steps: [{uses: 'block:y'}]}, y: {steps: []}}\n";
    let files = Files::of(&[("a/b.aei.yaml", text), ("-", text)]);
    let given = |path: &str| match load(Path::new(path), &Registry::empty(), &files) {
        Ok((suite, _)) => (suite.name, suite.file, suite.dir),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(given("a/b.aei.yaml"), ("b".into(), "a/b.aei.yaml".into(), "a".into()));
    assert_eq!(given("-"), ("stdin".into(), "<stdin>".into(), ".".into()));
}

#[test]
fn included_files_have_mistakes_of_their_own() {
    for (second, expected) in [
        ("aei: 1\ninclude: [t.yaml]\n", "this file includes itself in the end\n --> b.yaml:2:11"),
        ("aei: 1\nblocks: {x: {steps: []}}\n", "the block `x` is defined twice\n --> b.yaml:2:10"),
        ("aei: 1\ncases: []\n", "an included file cannot hold `cases`\n --> b.yaml:2:1"),
        ("[]", "an included file is a map, and this is a list\n --> b.yaml:1:1"),
        ("a: [", "expected `]` for this `[`\n --> b.yaml:1:4"),
    ] {
        let main = format!("aei: 1\ninclude: [b.yaml]\n{CASE}blocks: {{x: {BLOCK}, y: {BLOCK}}}\n");
        let files = Files::of(&[("t.yaml", main.as_str()), ("b.yaml", second)]);
        let found = mistakes("t.yaml", &files);
        assert!(found.contains(expected), "{found}");
    }
    let found =
        mistakes("t.yaml", &Files::of(&[("t.yaml", "aei: 1\ninclude: [c.yaml]\ncases: []\n")]));
    assert!(found.contains("cannot read `c.yaml`: No such file\n --> t.yaml:2:11"), "{found}");
}

#[test]
fn both_places_of_a_twice_defined_block_are_shown() {
    let main = format!("aei: 1\ninclude: [b.yaml]\n{CASE}blocks: {{x: {BLOCK}}}\n");
    let files =
        Files::of(&[("t.yaml", main.as_str()), ("b.yaml", "aei: 1\nblocks: {x: {steps: []}}\n")]);
    let found = mistakes("t.yaml", &files);
    assert!(found.contains("b.yaml:2:10") && found.contains("t.yaml:4:10"), "{found}");
}

#[test]
fn what_cannot_be_read_is_told() {
    let files = Files::default();
    assert!(mistakes("none.yaml", &files).contains("cannot read `none.yaml`: No such file"));
    assert!(mistakes("folder", &files).contains("a file is needed here, not a folder"));
    assert!(mistakes("huge.yaml", &files).contains("`huge.yaml` has 100 MiB"));
}

fn rows(name: &str, content: &str) -> Result<Vec<Value>, String> {
    let mut sources = SourceMap::default();
    let text = format!("{{from: {name}}}");
    let node = parse(&mut sources, "t.yaml", text.into(), Syntax::Yaml).unwrap();
    let matrix: Matrix = from_node(node).unwrap();
    let path = format!("dir/{name}");
    let files = Files::of(&[(path.as_str(), content)]);
    let rows = matrix_rows(&matrix, Path::new("dir"), &mut sources, &files);
    rows.map(|rows| rows.into_iter().map(Value::Object).collect())
        .map_err(|wrong| crate::source::render(&[wrong], &sources, false))
}

#[test]
fn rows_come_from_csv_and_json() {
    let csv = "\u{feff}user,age,note\r\nann,7,\"a, b\"\r\n\r\nbob,-1.5,\"x\ny\"\nné,true,null\n007,1.10,99999999999999999999\n";
    let expected = vec![
        json!({"user": "ann", "age": 7, "note": "a, b"}),
        json!({"user": "bob", "age": -1.5, "note": "x\ny"}),
        json!({"user": "né", "age": true, "note": null}),
        json!({"user": "007", "age": "1.10", "note": "99999999999999999999"}),
    ];
    assert_eq!(rows("u.csv", csv), Ok(expected));
    assert_eq!(rows("u.json", "[{\"a\": [1]}]"), Ok(vec![json!({"a": [1]})]));
}

#[test]
fn wrong_rows_name_their_line() {
    for (name, content, expected) in [
        (
            "u.csv",
            "a,b\n1,2\n\n3\n",
            "this row has 1 cell, and the header has 2\n --> dir/u.csv:4:1",
        ),
        (
            "u.csv",
            "a,b\n\"x\ny\",2\n1,2,3\n",
            "this row has 3 cells, and the header has 2\n --> dir/u.csv:4:1",
        ),
        ("u.csv", "", "this one is empty"),
        ("u.csv", "a,a\n", "two columns are called `a`"),
        ("u.csv", "a,\n", "a column has no name"),
        ("u.json", "{}", "a matrix file holds a list of maps"),
        ("u.json", "[{}, 1]", "a row is a map, and this is a whole number\n --> dir/u.json:1:6"),
        ("u.txt", "", "neither a `.csv` nor a `.json` file"),
    ] {
        let found = rows(name, content).expect_err(content);
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn a_bundle_needs_no_other_file() {
    let main = "aei: 1\ninclude: [a.yaml]\ncases:\n  - id: one\n    matrix: {from: u.csv, n: [1]}\n    steps:\n      - uses: block:x\n        expect: [{that: a, schema: s.json}, {that: b, schema: '${{ inputs.s }}'}]\n";
    let files = Files::of(&[
        ("d/t.yaml", main),
        ("d/a.yaml", "aei: 1\nblocks:\n  x:\n    steps:\n      - uses: assert\n"),
        ("d/u.csv", "user\nann\n"),
        ("d/s.json", "{\"type\": \"string\"}"),
    ]);
    let text = bundle(Path::new("d/t.yaml"), &files).unwrap();
    let node: Node =
        parse(&mut SourceMap::default(), "t", text.clone().into(), Syntax::Yaml).unwrap();
    let expected = json!({
        "aei": 1,
        "cases": [{
            "id": "one", "matrix": {"from": [{"user": "ann"}], "n": [1]},
            "steps": [{"uses": "block:x", "expect": [
                {"that": "a", "schema": {"type": "string"}},
                {"that": "b", "schema": "${{ inputs.s }}"},
            ]}],
        }],
        "blocks": {"x": {"steps": [{"uses": "assert"}]}},
    });
    assert_eq!(node.to_value(), expected, "{text}");
    let matrix = node.get("cases").unwrap().as_list().unwrap()[0].get("matrix").unwrap();
    let matrix: Matrix = from_node(matrix.clone()).unwrap();
    let rows = matrix_rows(&matrix, Path::new("."), &mut SourceMap::default(), &Files::default());
    assert_eq!(rows.unwrap()[0]["user"], "ann");
}
