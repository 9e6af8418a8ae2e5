use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Scope, pieces};
use crate::check::tests::{FixedHost, evaluator, scope};
use crate::evaluator::{EvalError, Evaluator, Snapshots};
use crate::host::Host;
use crate::source::{Node, NodeValue, SourceMap, Span, Syntax, parse};

fn world() -> Evaluator {
    evaluator(
        &FixedHost::with(&[("dir/data.txt", "content"), ("dir/data.json", "{\"a\": [1]}")]),
        false,
    )
}

fn names() -> Scope {
    let mut scope = scope(json!({
        "n": 5, "f": 1.5, "big": u64::MAX, "text": "hi", "list": [1, {"a": 2}], "map": {"b": 1, "a": {"c": null}},
        "yes": true, "none": null, "my-name": 7,
    }));
    scope.steps.insert("login".into(), json!({"json": {"token": "t0k"}, "status": 200}));
    scope.case = Arc::new(json!({"id": "c"}));
    scope
}

fn eval(text: &str) -> Result<Value, EvalError> {
    world().eval(text, Span::NONE, &names())
}

fn render(text: &str) -> Result<Value, EvalError> {
    world().render(&Node::new(NodeValue::String(text.into()), Span::NONE), &names())
}

#[test]
fn one_expression_alone_keeps_its_type() {
    for (text, expected) in [
        ("${{ vars.n }}", json!(5)),
        ("${{ vars.f }}", json!(1.5)),
        ("${{ vars.big }}", json!(u64::MAX)),
        ("${{ vars.list }}", json!([1, {"a": 2}])),
        ("${{ vars.map }}", json!({"b": 1, "a": {"c": null}})),
        ("${{ vars.none }}", Value::Null),
        ("${{ vars.yes }}", json!(true)),
        ("${{ vars['my-name'] }}", json!(7)),
        ("${{ vars.list[-1].a }}", json!(2)),
        ("${{ vars.list[1]['a'] + vars.n }}", json!(7)),
        ("${{ vars.big + 0 }}", json!(u64::MAX)),
        ("${{ [vars.n, vars.map.a] }}", json!([5, {"c": null}])),
        ("${{ {'x': vars.n, 'y': {'z': 1}} }}", json!({"x": 5, "y": {"z": 1}})),
        ("${{ vars.map | length }}", json!(2)),
        ("${{ 'a' in vars.map }}", json!(true)),
        ("${{ vars.text | upper }}", json!("HI")),
        ("${{ vars.nope | default('d') }}", json!("d")),
        ("${{ vars.nope is defined }}", json!(false)),
        ("${{ 1 if vars.yes else 2 }}", json!(1)),
        ("${{ vars.map | list }}", json!(["a", "b"])),
        ("${{ vars }}", Value::Object(names().vars)),
        ("${{ case.id }}", json!("c")),
        ("${{ range(3) }}", json!([0, 1, 2])),
    ] {
        assert_eq!(render(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn texts_take_values_as_people_write_them() {
    for (text, expected) in [
        ("n=${{ vars.n }} f=${{vars.f}}", "n=5 f=1.5"),
        ("${{ vars.yes }} ${{ vars.none }}", "true null"),
        ("${{ vars.list }}!", "[1,{\"a\":2}]!"),
        ("${{ vars.text ~ '!' }} $${{ vars.n }}", "hi! ${{ vars.n }}"),
        (" ${{ vars.n }}", " 5"),
        ("$5 {{ x }}", "$5 {{ x }}"),
    ] {
        assert_eq!(render(text).unwrap(), json!(expected), "{text}");
    }
}

#[test]
fn functions_ask_the_host() {
    for (text, expected) in [
        ("uuid()", json!("00000000-0000-0000-0000-000000000000")),
        ("now()", json!("1970-01-01T00:00:00.000Z")),
        ("random_int(3, 9)", json!(3)),
        ("base64(vars.text)", json!("aGk=")),
        ("sha256('')", json!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")),
        ("env('LISTED')", json!("yes")),
        ("env.LISTED", json!("yes")),
        ("env('LISTED') ~ env.LISTED ~ (env | length)", json!("yesyes1")),
        ("file('data.txt')", json!("content")),
        ("json(file('data.json')).a[0]", json!(1)),
        ("vars.list | tojson", json!("[1, {\"a\": 2}]")),
    ] {
        assert_eq!(eval(text).unwrap(), expected, "{text}");
    }
    for (text, message) in [
        ("env('PATH')", "`PATH` is not set, or not listed under the template's `env`"),
        ("env('LISTD')", "the template's `env` has no `LISTD`, but `LISTED`"),
        ("file('nope')", "cannot read `dir/nope`: no such file"),
        ("random_int(2, 1)", "`random_int(a, b)` takes two whole numbers, the lesser first"),
        ("uuid(1)", "call it as `uuid()`"),
        ("base64(vars.list)", "`base64(s)` takes a text, not sequence"),
    ] {
        assert_eq!(eval(text).unwrap_err().message, message, "{text}");
    }
    assert!(eval("json('{')").unwrap_err().message.starts_with("`json(s)`: the text is no JSON"));
}

#[test]
fn unknown_names_are_errors_with_the_nearest() {
    for (text, message, help) in [
        ("vars.txet", "`vars` has no `txet`", "did you mean `vars.text`?"),
        ("vrs.text", "unknown name `vrs`", "did you mean `vars`?"),
        (
            "steps.login.json.tokn",
            "`steps.login.json` has no `tokn`",
            "did you mean `steps.login.json.token`?",
        ),
        ("inputs.x", "`inputs` has no `x`", "`inputs` is empty here"),
        ("vars.txet ~ 'x'", "`vars` has no `txet`", "did you mean `vars.text`?"),
        ("vars.txet == 1", "`vars` has no `txet`", "did you mean `vars.text`?"),
        ("[vars.txet]", "`vars` has no `txet`", "did you mean `vars.text`?"),
        ("vars.txet if true else 1", "`vars` has no `txet`", "did you mean `vars.text`?"),
    ] {
        let error = eval(text).unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.help.as_deref()),
            (message, Some(help)),
            "{text}"
        );
    }
    assert_eq!(eval("vars.list[9]").unwrap_err().message, "`vars.list` has no element 9");
    assert_eq!(eval("vars.text.x").unwrap_err().message, "`vars.text` is a string and has no `x`");
    assert!(eval("vars.list[vars.n]").is_err());
    assert!(eval("vars.text | nofilter").is_err());
    assert!(world().is_true("vars.nope", Span::NONE, &names()).is_err());
    assert!(world().is_true("not vars.nope", Span::NONE, &names()).is_err());
}

#[test]
fn conditions_are_true_or_false() {
    for (text, expected) in [
        ("vars.yes", true),
        ("${{ vars.yes and vars.n == 5 }}", true),
        ("vars.none", false),
        ("vars.map", true),
        ("vars.n - 5", false),
        ("inputs", false),
    ] {
        assert_eq!(world().is_true(text, Span::NONE, &names()).unwrap(), expected, "{text}");
    }
}

#[test]
fn mistakes_point_at_their_place() {
    let mut sources = SourceMap::default();
    let text = "say \"hello ${{ vars.txet }} you\"";
    let file = sources.add("t.yaml", text.to_owned()).unwrap();
    let span = Span::new(file.base, file.base + 32);
    let host: Arc<dyn Host> = FixedHost::with(&[]);
    let evaluator =
        Evaluator::new(host, Arc::new(sources.clone()), "".into(), Snapshots::default());
    let error = evaluator.render_text("hello ${{ vars.txet }} you", span, &names()).unwrap_err();
    assert_eq!(sources.text(error.span), Some("vars.txet"));
    let error = evaluator.render_text("hello ${{ 1 +* 2 }} you", span, &names()).unwrap_err();
    assert!(error.message.starts_with("this is no expression"), "{}", error.message);
}

#[test]
fn large_whole_numbers_of_a_document_stay_exact() {
    let mut sources = SourceMap::default();
    let text = format!("[{}]", u64::MAX - 1);
    let node = parse(&mut sources, "t.yaml", text.into_bytes(), Syntax::Yaml).unwrap();
    let host: Arc<dyn Host> = FixedHost::with(&[]);
    let evaluator = Evaluator::new(host, Arc::new(sources), "".into(), Snapshots::default());
    assert_eq!(evaluator.render(&node, &names()).unwrap(), json!([u64::MAX - 1]));
}

#[test]
fn fuel_stops_endless_work() {
    let bomb = "range(100000) | map('string') | join ".to_owned()
        + &"~ (range(100000) | list | join) ".repeat(200);
    for text in [
        "'x' * 10000000000",
        "[1] * 10000000000",
        bomb.as_str(),
        "range(100000000000)",
        "'%1000000000d' | format(1)",
        "'x' | indent(10000000000)",
        "2 ** 100000000000",
        "[[1] * 1000] * 100000 | sum(start=[]) | length",
    ] {
        let error = eval(text);
        assert!(error.is_err(), "{text}: {:?}", error.map(|v| v.to_string().len()));
    }
}

#[test]
fn no_expression_overflows_the_stack() {
    let deep = "(".repeat(20_000) + "1" + &")".repeat(20_000);
    assert!(eval(&deep).is_err());
    let longest = "1".to_owned() + &" + 1".repeat(199);
    assert_eq!(eval(&longest).unwrap(), json!(200));
    let longest = "-".repeat(199) + "1";
    drop(eval(&longest));
    let longest = "not ".repeat(199) + "1";
    drop(eval(&longest));
    let longest = "vars".to_owned() + &"[vars".repeat(40) + &"]".repeat(40);
    drop(eval(&longest));
    let longest = "(".repeat(40) + "1" + &")".repeat(40);
    drop(eval(&longest));
    let list = format!("[{}1] | length", "1, ".repeat(5000));
    assert_eq!(eval(&list).unwrap(), json!(5001));
    let deep = "-".repeat(20_000) + "1";
    drop(eval(&deep));
    let deep = "not ".repeat(10_000) + "1";
    drop(eval(&deep));
    let deep = "1".to_owned() + &" + 1".repeat(10_000);
    drop(eval(&deep));
    let deep = "vars".to_owned() + &".a".repeat(20_000);
    drop(eval(&deep));
    let deep = "vars".to_owned() + &"[vars".repeat(10_000) + &"]".repeat(10_000);
    drop(eval(&deep));
}

#[test]
fn the_lists_of_filters_and_tests_are_right() {
    for name in super::language::FILTERS {
        assert_eq!(eval(&format!("'{name}' is filter")).unwrap(), json!(true), "{name}");
    }
    for name in super::language::TESTS {
        assert_eq!(eval(&format!("'{name}' is test")).unwrap(), json!(true), "{name}");
    }
}

proptest! {
    #[test]
    fn text_without_expressions_stays(text in "\\PC{0,40}") {
        prop_assume!(!text.contains("${{"));
        prop_assert_eq!(render(&text).unwrap(), Value::String(text));
    }

    #[test]
    fn evaluation_never_panics(text in r#"([a-z.]{1,4}|vars\.(n|text|list|map|none)|env|uuid\(\)|[0-9]{1,3}|[-+*/%~|\[\](){}:,<>=!'" ]|is |not |in |and ){0,12}"#) {
        drop(eval(&text));
        drop(render(&format!("${{{{ {text} }}}}")));
        drop(super::references(&text));
    }

    #[test]
    fn pieces_cover_their_text(text in r"(\$|\{|\}|a| |'){0,16}") {
        if let Ok(found) = pieces(&text) {
            for piece in found {
                prop_assert_eq!(&text[piece.start..piece.end], piece.text);
            }
        }
    }
}
