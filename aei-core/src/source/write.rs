//! Nodes back to text.

use std::fmt::Write as _;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Node, NodeValue, scalar};

/// A document as JSON, indented, keys in their order.
pub fn to_json(node: &Node) -> String {
    // Writing to a text cannot fail, and every float of a node is finite.
    let mut text = serde_json::to_string_pretty(&Plain(node)).unwrap_or_default();
    text.push('\n');
    text
}

/// A document as YAML in block style, keys in their order. What other readers could take for
/// something else than text (`no`, `1_000`, dates) is in quotes.
pub fn to_yaml(node: &Node) -> String {
    let mut text = String::new();
    match &node.value {
        NodeValue::Map(entries) if !entries.is_empty() => write_block(&mut text, node, 0),
        NodeValue::List(items) if !items.is_empty() => write_block(&mut text, node, 0),
        _ => write_inline(&mut text, node, 0),
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A node without its places.
struct Plain<'n>(&'n Node);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            NodeValue::Null => serializer.serialize_unit(),
            NodeValue::Bool(value) => serializer.serialize_bool(*value),
            NodeValue::Int(value) => serializer.serialize_i64(*value),
            NodeValue::Float(value) => serializer.serialize_f64(*value),
            NodeValue::String(text) => serializer.serialize_str(text),
            NodeValue::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Self(item)))?;
                list.end()
            }
            NodeValue::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key.name.as_str(), &Self(value))?;
                }
                map.end()
            }
        }
    }
}

/// YAML allows longer keys only behind `?`.
const LONGEST_KEY: usize = 1000;

/// Writes a list or map that is not empty, beginning where the cursor stands in a line that is
/// indented so far.
fn write_block(out: &mut String, node: &Node, indent: usize) {
    let mut first = true;
    let mut line = |out: &mut String| {
        if !std::mem::take(&mut first) {
            if !out.ends_with('\n') {
                out.push('\n');
            }
            pad(out, indent);
        }
    };
    match &node.value {
        NodeValue::List(items) => {
            for item in items {
                line(out);
                out.push('-');
                match &item.value {
                    NodeValue::List(inner) if !inner.is_empty() => {
                        out.push(' ');
                        write_block(out, item, indent + 2);
                    }
                    NodeValue::Map(inner) if !inner.is_empty() => {
                        out.push(' ');
                        write_block(out, item, indent + 2);
                    }
                    _ => {
                        out.push(' ');
                        write_inline(out, item, indent + 2);
                    }
                }
            }
        }
        NodeValue::Map(entries) => {
            for (key, value) in entries {
                line(out);
                if key.name.len() > LONGEST_KEY {
                    out.push_str("? ");
                    write_quoted(out, &key.name);
                    out.push('\n');
                    pad(out, indent);
                } else {
                    write_word(out, &key.name);
                }
                out.push(':');
                write_value(out, value, indent + 2);
            }
        }
        _ => write_inline(out, node, indent),
    }
}

/// Writes what stands behind a colon.
fn write_value(out: &mut String, node: &Node, indent: usize) {
    let nested = match &node.value {
        NodeValue::List(items) => !items.is_empty(),
        NodeValue::Map(entries) => !entries.is_empty(),
        _ => false,
    };
    if nested {
        out.push('\n');
        pad(out, indent);
        write_block(out, node, indent);
    } else {
        out.push(' ');
        write_inline(out, node, indent);
    }
}

fn write_inline(out: &mut String, node: &Node, indent: usize) {
    match &node.value {
        NodeValue::String(text) if fits_block(text) => write_literal(out, text, indent.max(2)),
        NodeValue::String(text) => write_word(out, text),
        NodeValue::List(_) => out.push_str("[]"),
        NodeValue::Map(_) => out.push_str("{}"),
        // These are spelled alike in both languages.
        _ => out.push_str(&serde_json::to_string(&Plain(node)).unwrap_or_default()),
    }
}

/// Text of several lines that a literal block shows as it is.
fn fits_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && text.chars().all(|c| c == '\n' || c == '\t' || !needs_escape(c))
}

fn write_literal(out: &mut String, text: &str, indent: usize) {
    let body = text.trim_end_matches('\n');
    out.push_str(match text.len() - body.len() {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
    }
    out.push_str(&text[body.len()..]);
}

fn write_word(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
    } else if text.contains(['"', '\\']) && !text.chars().any(needs_escape) {
        let _ = write!(out, "'{}'", text.replace('\'', "''"));
    } else {
        write_quoted(out, text);
    }
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if needs_escape(c) => {
                // None of them lies past U+FFFF.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Characters that YAML does not show or takes for an end of line.
fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether text needs no quotes in block style, for this reader and for those of YAML 1.1.
fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    let starts_well = match chars.next() {
        Some('.') => chars.next() == Some('/'),
        Some(c) if c.is_ascii_digit() => is_quantity(text),
        Some(c) => c.is_alphabetic() || matches!(c, '_' | '/' | '$' | '('),
        None => false,
    };
    starts_well
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(needs_escape)
        && matches!(scalar::plain(text), NodeValue::String(_))
        && !is_old_boolean(text)
}

/// Such as `10s` or `5MiB`: digits, and letters that no spelling of a number has.
fn is_quantity(text: &str) -> bool {
    let unit = |c: char| matches!(c, 'g'..='z' | 'G'..='Z') && !"oOxX".contains(c);
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == ' ') && text.contains(unit)
}

fn is_old_boolean(text: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::{Key, SourceMap, Span, Syntax, parse};

    fn node(json: &str) -> Node {
        parse(&mut SourceMap::default(), "t.json", json.into(), Syntax::Json).unwrap()
    }

    #[test]
    fn yaml_reads_well() {
        let text = r#"{
            "aei": 1, "name": "Order ${{ inputs.n }}", "on": ["no", "1_000", "2020-01-01", "10s"],
            "empty": [{}, [], "", null], "nested": [[1, [2]], {"a": {"b": -1.5}, "c": 1e300}],
            "text": "one\n  two\n\nthree\n", "tail": "a\nb", "blank": "a\nb\n\n", "cr": "a\r\nb",
            "x: y": "it's", "quote": "\"hi\"", "hash": "a #b", "dash": "- a", "url": "http://x:1/"
        }"#;
        let expected = r#"aei: 1
name: Order ${{ inputs.n }}
"on":
  - "no"
  - "1_000"
  - "2020-01-01"
  - 10s
empty:
  - {}
  - []
  - ""
  - null
nested:
  - - 1
    - - 2
  - a:
      b: -1.5
    c: 1e+300
text: |
  one
    two

  three
tail: |-
  a
  b
blank: |+
  a
  b

cr: "a\r\nb"
"x: y": it's
quote: '"hi"'
hash: "a #b"
dash: "- a"
url: http://x:1/
"#;
        assert_eq!(to_yaml(&node(text)), expected);
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~]{0,12}",
            "[a-c:#\\-?*&!|>'\"%@`{}\\[\\], \n\t~<=.0-9]{0,10}",
            "(a| |\n|\t|\r|-|#){0,8}",
            any::<String>(),
            Just("é\u{85}\u{2028}\u{feff}\u{7f}".to_owned()),
            Just("k".repeat(1500)),
            prop::sample::select(vec![
                "", "~", "null", "true", "no", "1", "1.5", "0x1", ".inf", "<<", "---", "...", "=",
            ])
            .prop_map(str::to_owned),
        ]
    }

    fn any_node() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            Just(NodeValue::Null),
            any::<bool>().prop_map(NodeValue::Bool),
            any::<i64>().prop_map(NodeValue::Int),
            any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(NodeValue::Float),
            any_text().prop_map(|text| NodeValue::String(text.into())),
        ];
        let bare = |value| Node::new(value, Span::NONE);
        leaf.prop_map(bare).prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6)
                    .prop_map(|items| NodeValue::List(items.into_boxed_slice())),
                prop::collection::btree_map(any_text(), inner, 0..20).prop_map(|map| {
                    let entries = map
                        .into_iter()
                        .map(|(name, node)| (Key { name: name.into(), span: Span::NONE }, node));
                    NodeValue::Map(entries.collect())
                }),
            ]
            .prop_map(bare)
        })
    }

    /// The same, whatever the places.
    fn same(a: &Node, b: &Node) -> bool {
        match (&a.value, &b.value) {
            (NodeValue::List(a), NodeValue::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (NodeValue::Map(a), NodeValue::Map(b)) => {
                let alike =
                    |((x, a), (y, b)): (&(Key, Node), &(Key, Node))| x.name == y.name && same(a, b);
                a.len() == b.len() && a.iter().zip(b).all(alike)
            }
            (a, b) => a == b,
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(node in any_node()) {
            for (text, syntax) in [(to_json(&node), Syntax::Json), (to_yaml(&node), Syntax::Yaml)] {
                let mut map = SourceMap::default();
                let read = parse(&mut map, "t", text.clone().into(), syntax);
                let read = read.map_err(|d| TestCaseError::fail(format!("{d:?}\n{text}")))?;
                prop_assert!(same(&node, &read), "{}\n{:?}\n{:?}", text, node, read);
            }
        }
    }
}
