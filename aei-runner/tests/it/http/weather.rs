//! Servers that misbehave: each is an error that says so, and none hangs or fills the memory.

use aei_core::runner::{StepError, StepErrorKind};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::site::{Answer, Site, ok};
use crate::context::Bench;

async fn error_of(answer: impl Fn() -> Answer + Send + Sync + 'static, with: Value) -> StepError {
    let site = Site::start(move |_| answer()).await;
    let mut with = with;
    with["url"] = site.url("/").into();
    Bench::default().run("http", with).await.unwrap_err()
}

fn assert_says(error: &StepError, kind: StepErrorKind, text: &str) {
    assert_eq!(error.kind, kind, "{error:?}");
    assert!(error.message.contains(text), "{error:?}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let with = json!({ "url": format!("http://{address}/") });
    let error = Bench::default().run("http", with).await.unwrap_err();
    let message = format!("cannot connect to `{address}`: connection refused");
    assert_says(&error, StepErrorKind::Connection, &message);
    assert_eq!(error.help, Some(format!("Is the service running at `{address}`?")));
}

#[tokio::test]
async fn the_host_is_unknown() {
    let with = json!({ "url": "http://no-such-host.invalid/" });
    let error = Bench::default().run("http", with).await.unwrap_err();
    assert_says(&error, StepErrorKind::Connection, "cannot find the host `no-such-host.invalid`");
}

#[tokio::test]
async fn silence_ends_at_the_read_timeout() {
    let with = json!({ "read_timeout": "30ms" });
    let error = error_of(|| Answer::Hang(Vec::new()), with.clone()).await;
    assert_says(&error, StepErrorKind::TimedOut, "stayed silent for 30ms while a response was due");
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_vec();
    let error = error_of(move || Answer::Hang(half.clone()), with.clone()).await;
    assert_says(&error, StepErrorKind::TimedOut, "the rest of the body");
    assert_eq!(error.detail.unwrap()["status"], 200);
    let error = error_of(|| Answer::Hang(b"HTTP/1.1 200 OK\r\nX: ".to_vec()), with).await;
    assert_says(&error, StepErrorKind::TimedOut, "a response");
}

#[tokio::test]
async fn the_connection_is_cut() {
    let error = error_of(|| Answer::Close(Vec::new()), json!({})).await;
    assert_says(&error, StepErrorKind::Connection, "closed the connection without a response");
    let error = error_of(|| Answer::Reset(Vec::new()), json!({})).await;
    assert_says(&error, StepErrorKind::Connection, "connection reset by peer");
    let half = b"HTTP/1.1 200 OK\r\nContent-Le".to_vec();
    let error = error_of(move || Answer::Close(half.clone()), json!({})).await;
    assert_says(&error, StepErrorKind::Connection, "closed the connection");
}

#[tokio::test]
async fn a_body_shorter_than_promised() {
    let short = || b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour".to_vec();
    let error = error_of(move || Answer::Close(short()), json!({})).await;
    assert_says(&error, StepErrorKind::Protocol, "after 4 of 10 bytes of the body");
    let chunked = || b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n".to_vec();
    let error = error_of(move || Answer::Close(chunked()), json!({})).await;
    assert_says(&error, StepErrorKind::Protocol, "after 4 bytes of the body");
    assert!(error.help.unwrap().contains("last chunk"));
}

#[tokio::test]
async fn a_body_longer_than_promised() {
    let long = || b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour and more".to_vec();
    let error = error_of(move || Answer::Keep(long()), json!({})).await;
    assert_says(&error, StepErrorKind::Protocol, "more bytes after the end of its response");
}

#[tokio::test]
async fn chunks_are_broken() {
    let body = || b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n".to_vec();
    let error = error_of(move || Answer::Hang(body()), json!({})).await;
    assert_says(&error, StepErrorKind::Protocol, "is broken after 0 bytes");
}

#[tokio::test]
async fn it_is_not_http() {
    for bytes in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
        let error = error_of(move || Answer::Hang(bytes.into()), json!({})).await;
        assert_says(&error, StepErrorKind::Protocol, "is not HTTP");
        assert!(error.help.unwrap().contains("Is it an HTTP service"), "{bytes}");
    }
}

#[tokio::test]
async fn lengths_contradict_each_other() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12";
    let error = error_of(move || Answer::Hang(head.into()), json!({})).await;
    assert_says(&error, StepErrorKind::Protocol, "content-length");
}

#[tokio::test]
async fn heads_without_end_are_refused() {
    let error = error_of(
        || Answer::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-Bomb: 0123456789\r\n".repeat(999)),
        json!({}),
    )
    .await;
    assert_says(&error, StepErrorKind::Protocol, "too large");
}

#[tokio::test]
async fn bodies_without_end_stop_at_the_limit() {
    let error = error_of(
        || Answer::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 1 << 16]),
        json!({}),
    )
    .await;
    assert_says(&error, StepErrorKind::Limit, "`max_body` (10MiB)");
    assert!(error.help.unwrap().contains("Raise `max_body`"));
    assert_eq!(error.at.as_deref(), Some("/max_body"));
    assert_eq!(error.detail.unwrap()["status"], 200);
}

#[tokio::test]
async fn a_promised_flood_is_not_even_read() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n";
    let error = error_of(move || Answer::Hang(head.into()), json!({ "max_body": "1KiB" })).await;
    assert_says(&error, StepErrorKind::Limit, "10737418240 bytes are announced");
}

#[tokio::test]
async fn a_gzip_bomb_stops_at_the_limit() {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&vec![0; 20 << 20]).unwrap();
    let bomb = gzip.finish().unwrap();
    let error = error_of(move || ok("Content-Encoding: gzip\r\n", &bomb), json!({})).await;
    assert_says(&error, StepErrorKind::Limit, "once it is unpacked");
}

#[tokio::test]
async fn wrong_utf8_is_shown_and_kept() {
    let site = Site::start(|_| ok("Content-Type: text/plain\r\n", b"a\xff")).await;
    let outcome = Bench::default().run("http", json!({ "url": site.url("/") })).await.unwrap();
    assert_eq!(outcome["text"], "a\u{fffd}");
    assert_eq!(outcome["base64"], "Yf8=");
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_replaced() {
    for method in ["GET", "POST"] {
        let site = Site::start(|seen| match seen.path() {
            "/last" => Answer::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()),
            _ => ok("", ""),
        })
        .await;
        let bench = Bench::default();
        bench.run("http", json!({ "url": site.url("/last") })).await.unwrap();
        let with = json!({ "url": site.url("/next"), "method": method });
        let outcome = bench.run("http", with).await.unwrap();
        assert_eq!(outcome["timings"]["reused"], false, "{method}");
        assert_eq!(site.seen().len(), 2, "{method}");
    }
}

#[tokio::test]
async fn only_harmless_requests_are_sent_twice() {
    // Every connection takes one request and hangs up at the second.
    for (method, sent) in [("PUT", 3), ("POST", 2)] {
        let counts = std::sync::Mutex::new(std::collections::HashMap::<usize, u32>::new());
        let site = Site::start(move |seen| {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(seen.connection).or_default();
            *count += 1;
            if *count == 1 { ok("", "") } else { Answer::Close(Vec::new()) }
        })
        .await;
        let bench = Bench::default();
        bench.run("http", json!({ "url": site.url("/") })).await.unwrap();
        let with = json!({ "url": site.url("/"), "method": method });
        let result = bench.run("http", with).await;
        assert_eq!(result.is_ok(), method == "PUT", "{result:?}");
        assert_eq!(site.seen().len(), sent, "{method}");
    }
}
