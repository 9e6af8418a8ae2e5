//! What is sent, and what is read.

use aei_core::runner::StepErrorKind;
use serde_json::{Value, json};

use super::site::{Seen, Site, ok};
use crate::context::Bench;

async fn sent(with: Value) -> Seen {
    let site = Site::start(|_| ok("", "")).await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.csv"), "x,y\n").unwrap();
    let mut with = with;
    with["url"] = site.url("/").into();
    Bench::new(dir.path()).run("http", with).await.unwrap();
    site.only()
}

#[tokio::test]
async fn each_kind_of_body_is_sent() {
    for (with, content_type, body) in [
        (json!({ "json": null }), Some("application/json"), "null"),
        (
            json!({ "form": { "a": ["1", 2], "b": "ä&" } }),
            Some("application/x-www-form-urlencoded"),
            "a=1&a=2&b=%C3%A4%26",
        ),
        (json!({ "body": "as is" }), None, "as is"),
        (json!({ "body": { "base64": "aGk=" } }), None, "hi"),
        (json!({ "file": "a.csv" }), Some("text/csv"), "x,y\n"),
    ] {
        let mut with = with;
        with["method"] = "PATCH".into();
        let seen = sent(with.clone()).await;
        assert_eq!(seen.text(), body, "{with}");
        assert_eq!(seen.header("content-type"), content_type, "{with}");
    }
    let own = json!({ "json": 1, "headers": { "content-type": "application/vnd.x+json" } });
    assert_eq!(sent(own).await.header("content-type"), Some("application/vnd.x+json"));
}

#[tokio::test]
async fn files_are_parts_of_a_multipart_body() {
    let seen = sent(json!({
        "method": "POST", "multipart": { "note": "hi", "upload": { "file": "a.csv" } }
    }))
    .await;
    let kind = seen.header("content-type").unwrap();
    assert!(kind.starts_with("multipart/form-data; boundary="), "{kind}");
    let text = seen.text();
    assert!(text.contains("name=\"upload\"; filename=\"a.csv\"\r\nContent-Type: text/csv"));
    assert!(text.contains("\r\n\r\nx,y\n\r\n--"), "{text}");
}

#[tokio::test]
async fn a_large_file_arrives_whole() {
    let site = Site::start(|_| ok("", "")).await;
    let dir = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(dir.path().join("big.bin"), &content).unwrap();
    let with = json!({ "method": "PUT", "url": site.url("/"), "file": "big.bin" });
    Bench::new(dir.path()).run("http", with).await.unwrap();
    assert!(site.only().body == content);
}

#[tokio::test]
async fn any_method_is_sent_and_none_needs_a_body() {
    assert_eq!(sent(json!({ "method": "PROPFIND" })).await.line, "PROPFIND / HTTP/1.1");
    let seen = sent(json!({ "method": "POST" })).await;
    assert_eq!(seen.header("content-length"), Some("0"));
    let head = Site::start(|_| {
        super::site::Answer::Keep(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n".to_vec())
    })
    .await;
    let with = json!({ "method": "HEAD", "url": head.url("/") });
    let outcome = Bench::default().run("http", with).await.unwrap();
    assert_eq!(
        (&outcome["size"], &outcome["headers"]["content-length"]),
        (&json!(0), &json!("99"))
    );
}

#[tokio::test]
async fn compressed_bodies_are_unpacked() {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"{\"a\":1}").unwrap();
    let packed = gzip.finish().unwrap();
    let length = packed.len();
    let site = Site::start(move |_| ok("Content-Encoding: gzip\r\n", &packed)).await;
    let bench = Bench::default();
    let outcome = bench.run("http", json!({ "url": site.url("/") })).await.unwrap();
    assert_eq!((&outcome["json"], &outcome["size"]), (&json!({ "a": 1 }), &json!(7)));
    let raw = json!({ "url": site.url("/"), "decompress": false });
    assert_eq!(bench.run("http", raw).await.unwrap()["size"], length);
}

#[tokio::test]
async fn wrong_parameters_point_at_their_key() {
    for (with, at) in [
        (json!({ "url": "http://h/", "method": "A B" }), "/method"),
        (json!({ "url": "/x" }), "/url"),
        (json!({ "url": "http://h/", "headers": { "a b": "c" } }), "/headers/a b"),
        (json!({ "url": "http://h/", "headers": { "a": "b\nc" } }), "/headers/a"),
        (json!({ "url": "http://h/", "json": 1, "body": "x" }), "/body"),
        (json!({ "url": "http://h/", "version": 3 }), "/version"),
        (json!({ "url": "http://h/", "proxy": "socks5://p" }), "/proxy"),
        (json!({ "url": "https://h/", "tls": { "cert": "x" } }), "/tls/cert"),
    ] {
        let error = Bench::default().run("http", with.clone()).await.unwrap_err();
        assert_eq!(error.kind, StepErrorKind::InvalidParams, "{with}: {error:?}");
        assert_eq!(error.at.as_deref(), Some(at), "{with}: {error:?}");
    }
    let missing = json!({ "url": "http://h/", "file": "gone.bin" });
    let error = Bench::default().run("http", missing).await.unwrap_err();
    assert_eq!((error.kind, error.at.as_deref()), (StepErrorKind::Io, Some("/file")));
}
