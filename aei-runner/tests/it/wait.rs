use std::time::{Duration, Instant};

use aei_core::runner::StepErrorKind;
use serde_json::json;
use tokio::net::TcpListener;

use crate::context::Bench;

#[tokio::test]
async fn time_passes() {
    let started = Instant::now();
    let outcome = Bench::default().run("wait", json!({ "for": "30ms" })).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(30));
    assert!(outcome["waited_ms"].as_f64().unwrap() >= 30.0, "{outcome}");
}

#[tokio::test]
async fn a_cancel_ends_the_wait() {
    let bench = Bench::default();
    bench.cancel();
    let error = bench.run("wait", json!({ "for": "1h" })).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Cancelled);
}

#[tokio::test]
async fn a_port_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let bench = Bench::default();
    bench.run("wait", json!({ "port": address })).await.unwrap();
    drop(listener);
    let error = bench.run("wait", json!({ "port": address, "up_to": "20ms" })).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::TimedOut);
    assert!(error.message.contains("refused") && error.message.contains("20ms"), "{error}");
}

#[tokio::test]
async fn a_file_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path());
    let with = || json!({ "file": "ready", "up_to": "10s" });
    let (outcome, ()) = tokio::join!(bench.run("wait", with()), async {
        std::fs::write(dir.path().join("ready"), "").unwrap();
    });
    outcome.unwrap();
}

#[tokio::test]
async fn goals_exclude_each_other() {
    let bench = Bench::default();
    for with in [
        json!({}),
        json!({ "for": "1s", "port": "a:1" }),
        json!({ "for": "1s", "up_to": "1s" }),
        json!({ "port": "8080", "up_to": "1h" }),
        json!({ "port": "localhost:http", "up_to": "1h" }),
    ] {
        let error = bench.run("wait", with.clone()).await.unwrap_err();
        assert_eq!(error.kind, StepErrorKind::InvalidParams, "{with}");
    }
}
