use std::time::{Duration, Instant};

use aei_core::runner::{OutputStream, StepErrorKind};
use serde_json::{Value, json};

use crate::context::Bench;

async fn run(with: Value) -> Value {
    Bench::default().run("shell", with).await.unwrap()
}

#[tokio::test]
async fn a_line_and_a_program() {
    let outcome = run(json!({ "run": "echo out; echo err >&2; exit 3" })).await;
    assert_eq!(outcome["exit_code"], 3);
    assert_eq!(outcome["signal"], Value::Null);
    assert_eq!(outcome["stdout"], "out");
    assert_eq!(outcome["stderr"], "err");
    assert_eq!(outcome["truncated"], false);
    assert!(outcome.get("stdout_json").is_none());

    let outcome = run(json!({ "argv": ["printf", "%s|", "a b", 5, true, "$HOME"] })).await;
    assert_eq!(outcome["stdout"], "a b|5|true|$HOME|");
}

#[tokio::test]
async fn a_signal_is_named() {
    let outcome = run(json!({ "run": "kill -9 $$" })).await;
    assert_eq!(outcome["exit_code"], Value::Null);
    assert_eq!(outcome["signal"], "SIGKILL");
}

#[tokio::test]
async fn json_is_parsed() {
    let outcome = run(json!({ "run": r#"echo '{"rows": [1, 2]}'"# })).await;
    assert_eq!(outcome["stdout_json"], json!({ "rows": [1, 2] }));
}

#[tokio::test]
async fn folder_environment_and_input() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    std::fs::write(dir.path().join("input"), "from a file").unwrap();
    let bench = Bench::new(dir.path());
    let line = "basename \"$PWD\"; echo \"${A-none} ${HOME-none}\"; cat";
    let with = json!({
        "run": line, "cwd": "sub", "env": { "A": 7, "HOME": null }, "stdin": "typed"
    });
    let outcome = bench.run("shell", with).await.unwrap();
    assert_eq!(outcome["stdout"], "sub\n7 none\ntyped");

    let outcome = bench.run("shell", json!({ "run": "cat", "stdin_file": "input" })).await.unwrap();
    assert_eq!(outcome["stdout"], "from a file");
    let outcome = bench.run("shell", json!({ "run": "cat", "stdin_json": [1] })).await.unwrap();
    assert_eq!(outcome["stdout_json"], json!([1]));
    let outcome = bench.run("shell", json!({ "run": "cat" })).await.unwrap();
    assert_eq!(outcome["stdout"], "");

    let with = json!({ "argv": ["/usr/bin/env"], "clean_env": true, "env": { "ONLY": "me" } });
    let outcome = bench.run("shell", with).await.unwrap();
    let names: Vec<_> =
        outcome["stdout"].as_str().unwrap().lines().filter_map(|l| l.split('=').next()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&"ONLY") && names.contains(&"AEI_STEP_TAG"), "{names:?}");
}

#[tokio::test]
async fn output_is_live() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path());
    let line = "echo one; while [ ! -e go ]; do sleep 0.01; done; echo two";
    let (outcome, ()) = tokio::join!(bench.run("shell", json!({ "run": line })), async {
        let so_far = bench.output.wait_for(OutputStream::Stdout, "one\n").await;
        assert!(!so_far.contains("two"));
        std::fs::write(dir.path().join("go"), "").unwrap();
    });
    assert_eq!(outcome.unwrap()["stdout"], "one\ntwo");
    assert_eq!(bench.output.text(OutputStream::Stdout), "one\ntwo\n");
}

#[tokio::test]
async fn a_cancel_stops_a_child_that_ignores_sigterm() {
    let bench = Bench::default();
    let line = "trap '' TERM; echo started; while :; do sleep 0.05; done";
    let with = json!({ "run": line, "kill_after": "100ms" });
    let started = Instant::now();
    let (outcome, ()) = tokio::join!(bench.run("shell", with), async {
        bench.output.wait_for(OutputStream::Stdout, "started").await;
        bench.cancel();
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Cancelled);
    let detail = error.detail.unwrap();
    assert_eq!(detail["signal"], "SIGKILL");
    assert_eq!(detail["stdout"], "started");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_missing_program_is_named_with_a_hint() {
    let bench = Bench::default();
    let error = bench.run("shell", json!({ "argv": ["pritnf"] })).await.unwrap_err();
    assert_eq!(error.message, "`pritnf` was not found on PATH");
    assert_eq!(error.at.as_deref(), Some("/argv"));
    assert_eq!(error.help.as_deref(), Some("Did you mean `printf`?"));
    let error = bench.run("shell", json!({ "argv": ["echo hi"] })).await.unwrap_err();
    assert!(error.help.unwrap().contains("`run`"));
    let error = bench.run("shell", json!({ "run": "true", "cwd": "no-such" })).await.unwrap_err();
    assert_eq!(error.at.as_deref(), Some("/cwd"));
}
