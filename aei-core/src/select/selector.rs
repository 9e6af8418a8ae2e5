use std::borrow::Cow;

use serde_json::Value;
use serde_json_path::JsonPath;

use super::{dotted, json_path};

/// A selector, read.
#[derive(Debug, Clone)]
pub struct Selector(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// One value at most.
    One { segments: Box<[Segment]>, dotted: bool },
    /// A list of all that match.
    Many { path: Box<JsonPath>, segments: Box<[Segment]> },
}

/// One step of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// An entry of a map.
    Key(Box<str>),
    /// An element of a list, from the end when negative.
    Index(i64),
}

/// A text that is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectorError {
    /// What is wrong.
    pub message: String,
    /// The byte of the text that is to blame.
    pub offset: usize,
}

/// The longest selector that is read.
const LONGEST: usize = 8 * 1024;

impl Selector {
    /// Reads a selector.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let error = |message: &str| Err(SelectorError { message: message.to_owned(), offset: 0 });
        if text.is_empty() {
            return error("a selector is empty; `$` is the whole outcome");
        }
        if text.len() > LONGEST {
            return error("the selector is longer than 8 KiB");
        }
        if text.starts_with('$') {
            return Ok(Self(match json_path::singular(text) {
                Some(segments) => Kind::One { segments: segments.into(), dotted: false },
                None => Kind::many(json_path::parse(text)?, json_path::start(text)),
            }));
        }
        Ok(Self(match dotted::parse(text)? {
            dotted::Parsed::Name(segments) => Kind::One { segments: segments.into(), dotted: true },
            dotted::Parsed::Query { path, start } => Kind::many(path, start),
        }))
    }

    /// The steps it begins with, as far as they are plain keys and indexes.
    pub fn start(&self) -> &[Segment] {
        match &self.0 {
            Kind::One { segments, .. } | Kind::Many { segments, .. } => segments,
        }
    }

    /// Whether it finds a list of all matches rather than one value.
    pub const fn is_list(&self) -> bool {
        matches!(self.0, Kind::Many { .. })
    }

    /// What it finds. Queries that can match more than once find a list, or nothing.
    pub fn find<'a>(&self, outcome: &'a Value) -> Option<Cow<'a, Value>> {
        match &self.0 {
            Kind::One { segments, dotted: false } => segments
                .iter()
                .try_fold(outcome, |value, segment| segment.of(value))
                .map(Cow::Borrowed),
            Kind::One { segments, dotted: true } => {
                dotted::find(segments, outcome).map(Cow::Borrowed)
            }
            Kind::Many { path, .. } => {
                let found: Vec<Value> = path.query(outcome).into_iter().cloned().collect();
                (!found.is_empty()).then_some(Cow::Owned(Value::Array(found)))
            }
        }
    }
}

impl Kind {
    fn many(path: JsonPath, start: Vec<Segment>) -> Self {
        Self::Many { path: Box::new(path), segments: start.into() }
    }
}

impl Segment {
    /// What the step leads to.
    pub(super) fn of<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match (self, value) {
            (Self::Key(key), Value::Object(map)) => map.get(&**key),
            (Self::Index(index), Value::Array(items)) => {
                let at = match usize::try_from(*index) {
                    Ok(index) => index,
                    Err(_) => {
                        items.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
                    }
                };
                items.get(at)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn find(selector: &str, value: &Value) -> Option<Value> {
        Selector::parse(selector).unwrap().find(value).map(Cow::into_owned)
    }

    #[test]
    fn one_value_is_found_by_name_and_path() {
        let value = json!({
            "status": 200,
            "headers": {"content-type": "text/html", "x.y": 1},
            "a.b": {"c": 2},
            "json": {"items": [{"id": 1}, {"id": 2}], "key with space": 3, "null": null},
            "größe": 4,
            "it's é": 5,
            "say \"x\"": 6,
        });
        for (selector, expected) in [
            ("status", json!(200)),
            ("$.status", json!(200)),
            ("$", value.clone()),
            ("headers.content-type", json!("text/html")),
            ("$.headers['content-type']", json!("text/html")),
            ("headers.x.y", json!(1)),
            ("a.b.c", json!(2)),
            ("json.items[0].id", json!(1)),
            ("json.items[-1].id", json!(2)),
            ("$.json.items[-1].id", json!(2)),
            ("json[\"key with space\"]", json!(3)),
            ("json['key with space']", json!(3)),
            ("json.null", json!(null)),
            ("größe", json!(4)),
            ("$[\"a.b\"].c", json!(2)),
            ("$ .status", json!(200)),
            ("$.größe", json!(4)),
            (r"$['it\'s \u00e9']", json!(5)),
            (r#"$["it's é"]"#, json!(5)),
            (r#"$[ 'say "x"' ]"#, json!(6)),
            ("[\"a.b\"].c", json!(2)),
        ] {
            assert_eq!(find(selector, &value), Some(expected), "{selector}");
        }
        for nothing in ["nope", "json.items[2]", "json.items[-3]", "status.x", "$.nope", "json[0]"]
        {
            assert_eq!(find(nothing, &value), None, "{nothing}");
        }
    }

    #[test]
    fn queries_find_lists() {
        let value = json!({"items": [{"id": 1, "n": 5}, {"id": 2, "n": 50}]});
        for (selector, expected) in [
            ("items[*].id", json!([1, 2])),
            ("$.items[*].id", json!([1, 2])),
            ("$.items[?@.n < 10].id", json!([1])),
            ("items[?@.n > 10].id", json!([2])),
            ("$..id", json!([1, 2])),
            ("items[0:1]", json!([{"id": 1, "n": 5}])),
            ("items[0,1].id", json!([1, 2])),
        ] {
            assert_eq!(find(selector, &value), Some(expected), "{selector}");
        }
        assert_eq!(find("$.items[?@.n > 100]", &value), None);
        assert_eq!(find("items[*].nope", &value), None);
    }

    #[test]
    fn queries_know_how_they_start() {
        let start = |text: &str| Selector::parse(text).unwrap().start().to_vec();
        assert_eq!(
            start("json.items[*].id"),
            [Segment::Key("json".into()), Segment::Key("items".into())]
        );
        assert_eq!(start("$.json.items[?@.a].id").len(), 2);
        assert_eq!(start("$..id"), []);
    }

    #[test]
    fn mistakes_have_places() {
        for (text, offset) in [
            ("", 0),
            ("a..b", 2),
            ("a.", 2),
            ("a[", 1),
            ("a[x", 1),
            ("a['x]", 1),
            (".a", 0),
            ("a[0]b", 4),
            ("a b[", 3),
        ] {
            assert_eq!(Selector::parse(text).unwrap_err().offset, offset, "{text}");
        }
        let error = Selector::parse("$.items[?@.n <]").unwrap_err();
        assert!(error.offset >= 8, "{error:?}");
        let error = Selector::parse("items[?@.n <]").unwrap_err();
        assert!((5..=13).contains(&error.offset), "{error:?}");
    }

    #[test]
    fn deep_filters_are_refused_quickly() {
        let deep = format!("$[?{}@.a{}]", "(".repeat(3000), ")".repeat(3000));
        assert!(Selector::parse(&deep).is_err());
        let deep = format!("$[?{}@.a{}]", "!(".repeat(9), ")".repeat(9));
        drop(Selector::parse(&deep));
    }

    /// What is read without the library must be what the library reads.
    fn agree(text: &str) {
        let value = json!({"a": [{"b": 1}, {"b": [2, null]}], "b": {"c": "x", "0": 1}, "a.b": 1});
        let (Ok(selector), true) = (Selector::parse(text), text.starts_with('$')) else { return };
        let path = JsonPath::parse(text);
        let path = path.unwrap_or_else(|error| panic!("{text} is no JSONPath: {error}"));
        let found: Vec<Value> = path.query(&value).into_iter().cloned().collect();
        let own = selector.find(&value).map(Cow::into_owned);
        if selector.is_list() {
            assert_eq!(own.unwrap_or_else(|| json!([])), Value::Array(found), "{text}");
        } else {
            assert_eq!(own.as_ref(), found.first(), "{text}");
            assert!(found.len() < 2, "{text}");
        }
    }

    proptest! {
        #[test]
        fn single_paths_are_read_as_the_library_reads_them(
            text in r#"\$([ ]?(\.[a-c_]|\.[0-9]|\[[ ]?-?[0-2]{1,2}[ ]?\]|\['[ab]'\]|\["a\.b"\]|\['\\['"nu]'\]|\[\*\])){0,4}[ ]?"#
        ) {
            agree(&text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in r#"[$@.?*\[\]()'"a-c0-2 :,!<=&|-]{0,24}|\PC{0,16}"#) {
            let value = json!({"a": [{"b": 1}, {"b": [2, null]}], "b": {"c": "x"}, "a.b": 1});
            agree(&text);
            match Selector::parse(&text) {
                Ok(selector) => drop(selector.find(&value)),
                Err(error) => prop_assert!(error.offset <= text.len()),
            }
        }

        #[test]
        fn names_and_paths_agree(keys in prop::collection::vec("[a-z_][a-z0-9_]{0,5}", 1..5)) {
            let value = keys.iter().rev().fold(json!(7), |inner, key| json!({key: inner}));
            let dotted = keys.join(".");
            prop_assert_eq!(find(&dotted, &value), Some(json!(7)));
            prop_assert_eq!(find(&format!("$.{dotted}"), &value), Some(json!(7)));
        }
    }
}
