use serde_json::json;

use super::site::{Site, ok, reply};
use crate::context::Bench;

#[tokio::test]
async fn a_get_gives_the_response_in_parts() {
    let site = Site::start(|_| {
        ok("Content-Type: application/json\r\nX-A: 1\r\nX-A: 2\r\n", r#"{"n": [1, 2]}"#)
    })
    .await;
    let bench = Bench::default();
    let with = json!({ "base_url": site.url(""), "url": "/a", "query": { "q": ["x y", 2] } });
    let outcome = bench.run("http", with).await.unwrap();
    assert_eq!(outcome["status"], 200);
    assert_eq!(outcome["reason"], "OK");
    assert_eq!(outcome["version"], "1.1");
    assert_eq!(outcome["url"], site.url("/a?q=x+y&q=2"));
    assert_eq!(outcome["json"], json!({ "n": [1, 2] }));
    assert_eq!(outcome["text"], r#"{"n": [1, 2]}"#);
    assert_eq!(outcome["headers"]["x-a"], "1, 2");
    assert_eq!(outcome["size"], 13);
    assert_eq!(outcome["remote"], site.address.to_string());
    assert!(outcome["duration_ms"].as_f64().unwrap() > 0.0);
    let seen = site.only();
    assert_eq!(seen.line, "GET /a?q=x+y&q=2 HTTP/1.1");
    assert_eq!(seen.header("host"), Some(site.address.to_string().as_str()));
    assert!(seen.header("user-agent").unwrap().starts_with("aei/"));
}

#[tokio::test]
async fn a_post_sends_its_json() {
    let site = Site::start(|_| reply("201 Made Up", "", "")).await;
    let with = json!({
        "method": "POST", "url": site.url("/"), "json": { "a": null },
        "headers": { "X-Token": "t", "X-List": ["1", "2"], "X-None": null }
    });
    let outcome = Bench::default().run("http", with).await.unwrap();
    assert_eq!((&outcome["status"], &outcome["reason"]), (&json!(201), &json!("Made Up")));
    let seen = site.only();
    assert_eq!(seen.text(), r#"{"a":null}"#);
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("x-token"), Some("t"));
    assert_eq!(seen.headers.iter().filter(|(name, _)| name == "X-List").count(), 2);
    assert_eq!(seen.header("x-none"), None);
}

#[tokio::test]
async fn a_case_keeps_its_connection_and_another_case_has_its_own() {
    let site = Site::start(|_| ok("", "x")).await;
    let bench = Bench::default();
    for round in 0..3 {
        let outcome = bench.run("http", json!({ "url": site.url("/") })).await.unwrap();
        assert_eq!(outcome["timings"]["reused"], round > 0);
    }
    Bench::default().run("http", json!({ "url": site.url("/") })).await.unwrap();
    let connections: Vec<_> = site.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 0, 0, 1]);
}
