//! Every built-in kind keeps to the rules of all kinds.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use aei_core::runner::{DynStepRunner, RunnerSpec, StepContext, StepError};
use aei_runner::runners::builtin;
use aei_runner::runners::conformance::{Subject, check};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::context::Bench;
use crate::http::site::{Answer, Site, ok};

async fn conforms(kind: &str, works: Value, long: Option<Value>, flood: Option<(Value, usize)>) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("long"), "x".repeat(200_000)).unwrap();
    let registry = builtin();
    let runner = Arc::clone(registry.get(kind).unwrap());
    let bench = Bench::new(dir.path());
    let breaches = check(&Subject { runner, works, long, flood }, &bench.cx).await;
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[tokio::test]
async fn assert() {
    conforms("assert", json!({ "a": [1, null] }), None, None).await;
}

#[tokio::test]
async fn shell() {
    let long =
        json!({ "run": "trap '' TERM; setsid sleep 977 & sleep 977 | cat", "kill_after": "200ms" });
    let flood = json!({ "run": "head -c 10000000 /dev/zero | tr '\\0' x", "max_output": "64KiB" });
    conforms("shell", json!({ "run": "echo 1" }), Some(long), Some((flood, 70_000))).await;
}

#[tokio::test]
async fn wait() {
    conforms("wait", json!({ "for": "1ms" }), Some(json!({ "for": "1h" })), None).await;
}

#[tokio::test]
async fn file() {
    let flood = json!({ "path": "long", "max_size": "1KiB" });
    conforms("file", json!({ "path": "." }), None, Some((flood, 1000))).await;
}

#[tokio::test]
async fn tcp() {
    // Nobody accepts, but the system's queue does.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let long = json!({ "address": address, "exchange": [{ "expect": "x", "within": "1h" }] });
    conforms("tcp", json!({ "address": address }), Some(long), None).await;
}

#[tokio::test]
async fn http() {
    let site = Site::start(|request| match request.path() {
        "/slow" => Answer::Hang(Vec::new()),
        "/endless" => Answer::Endless(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            [b"1000\r\n", [b'x'; 0x1000].as_slice(), b"\r\n"].concat(),
        ),
        _ => ok("Content-Type: application/json\r\n", r#"{ "a": 1 }"#),
    })
    .await;
    let flood = json!({ "url": site.url("/endless"), "max_body": "64KiB" });
    let long = Some(json!({ "url": site.url("/slow") }));
    conforms("http", json!({ "url": site.url("/") }), long, Some((flood, 200_000))).await;
}

/// A runner that breaks the rules it is told to break.
struct Bad(RunnerSpec);

#[async_trait]
impl DynStepRunner for Bad {
    fn spec(&self) -> &RunnerSpec {
        &self.0
    }

    async fn run(&self, with: Value, _: &StepContext) -> Result<Value, StepError> {
        match with["how"].as_str() {
            Some("deaf") => {
                let child = tokio::process::Command::new("sleep").arg("978").spawn();
                // Neither listens to a cancel nor takes its child along.
                child.unwrap().wait().await.unwrap();
                Ok(Value::Null)
            }
            Some("flood") => Ok(json!({ "text": "x".repeat(1000) })),
            _ => Ok(json!({ "text": 1 })),
        }
    }
}

#[tokio::test]
async fn a_bad_runner_is_found_out() {
    let text = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
    let mut params = json!({ "type": "object", "properties": { "how": {} } });
    params["additionalProperties"] = json!(false);
    let runner = Arc::new(Bad(RunnerSpec {
        kind: "Bad".to_owned(),
        summary: String::new(),
        example: "uses: good\nwith: { no: 1 }".to_owned(),
        params,
        outcome: text,
        default_checks: Vec::new(),
        grace: Duration::ZERO,
    }));
    let subject = Subject {
        runner,
        works: json!({}),
        long: Some(json!({ "how": "deaf" })),
        flood: Some((json!({ "how": "flood" }), 100)),
    };
    let breaches = check(&subject, &Bench::default().cx).await;
    for rule in [
        "the kind is lower-case",
        "has a summary",
        "property is described",
        "the example is a step",
        "the outcome fits",
        "an unknown key",
        "a cancel is obeyed",
        "a deadline is obeyed",
        "no process is left",
        "has a limit",
    ] {
        assert!(breaches.iter().any(|b| b.rule.contains(rule)), "{rule}: {breaches:#?}");
    }
    let left = breaches.iter().filter(|b| b.rule == "no process is left");
    for pid in left.filter_map(|b| b.seen.split(": ").nth(1)) {
        Command::new("kill").args(pid.split(", ")).status().unwrap();
    }
}
