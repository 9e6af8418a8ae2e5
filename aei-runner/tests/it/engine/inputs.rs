use aei_runner::PlanError;
use serde_json::{Map, json};

use super::Bench;

const TEMPLATE: &str = r#"
aei: 1
inputs:
  level: { type: integer, default: 1 }
  mode: { default: fast, enum: [fast, slow] }
  list: { type: list, default: [] }
  needed: { description: a thing }
cases:
  - id: c
    steps:
      - { uses: assert, with: { level: "${{ inputs.level }}", list: "${{ inputs.list }}" }, expect: [ { that: level, exists: true } ], capture: { level: level, list: list } }
"#;

fn bench() -> Bench {
    let mut bench = Bench::new(TEMPLATE);
    bench.options.inputs.node = Map::from_iter([("needed".to_owned(), json!("x"))]);
    bench
}

fn level(bench: &Bench) -> serde_json::Value {
    let report = bench.run();
    report.cases[0].steps[0].captured["level"].clone()
}

#[test]
fn the_later_source_wins_and_text_takes_the_declared_type() {
    let mut bench = bench();
    let value = |n: i64| Map::from_iter([("level".to_owned(), json!(n))]);
    assert_eq!(level(&bench), json!(1));
    bench.options.inputs.node.insert("level".to_owned(), json!(2));
    assert_eq!(level(&bench), json!(2));
    bench.options.inputs.request = value(3);
    assert_eq!(level(&bench), json!(3));
    bench.options.inputs.file = value(5);
    assert_eq!(level(&bench), json!(5));
    bench.options.inputs.flags = vec![("level".into(), "6".into()), ("level".into(), "7".into())];
    assert_eq!(level(&bench), json!(7));
    bench.options.inputs.flags.push(("list".into(), "[1, 2]".into()));
    let report = bench.run();
    assert_eq!(report.cases[0].steps[0].captured["list"], json!([1, 2]));
    assert_eq!(report.head.suites[0].inputs["level"], json!(7));
}

#[test]
fn every_wrong_input_is_told_at_once() {
    let mut bench = bench();
    bench.options.inputs.node.clear();
    bench.options.inputs.flags = [("level", "high"), ("mode", "odd"), ("modus", "x")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let Err(PlanError::Inputs(errors)) = bench.plan() else { panic!("planned") };
    let told: Vec<String> = errors.iter().map(|e| format!("{e}; {}", e.help)).collect();
    assert_eq!(
        told,
        [
            "--input sets `modus`, but no template declares such an input; did you mean `mode`?",
            "input `level` from --input is not a whole number; it is declared as `type: integer`",
            "input `mode` from --input has the value `odd`, which is not allowed; one of `fast`, `slow`",
            "input `needed` (a thing) is not set; give it by `--input needed=…` or the variable `AEI_INPUT_NEEDED`",
        ]
    );
}
