//! TLS and HTTP/2.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use aei_core::runner::StepErrorKind;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Certificates, Clients};
use crate::context::Bench;

/// Answers with what it was asked, by the version that was agreed upon.
async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let line = format!("{} {} {:?}", request.method(), request.uri(), request.version());
    let body = request.into_body().collect().await.unwrap().to_bytes();
    Ok(Response::new(Full::from([line.as_bytes(), b" ", &body].concat())))
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, http2: bool) {
    let io = TokioIo::new(stream);
    let _ = if http2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(io, service_fn(echo))
            .await
    } else {
        hyper::server::conn::http1::Builder::new().serve_connection(io, service_fn(echo)).await
    };
}

async fn plain_http2() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(tcp, true));
        }
    });
    address
}

/// A server that agrees upon one of these versions, and tells with how many bytes it was asked.
pub(super) async fn secure(alpn: &[&str], clients: Clients) -> (SocketAddr, Certificates) {
    let certificates = Certificates::new();
    let mut config = certificates.server(clients);
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(tls) = acceptor.accept(tcp).await else { return };
                let http2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
                serve(tls, http2).await;
            });
        }
    });
    (address, certificates)
}

#[tokio::test]
async fn http2_without_tls_is_spoken_with_prior_knowledge() {
    let address = plain_http2().await;
    let bench = Bench::default();
    for round in 0..3 {
        let with = json!({
            "method": "POST", "url": format!("http://{address}/a?b"), "version": 2,
            "body": "hello", "headers": { "Connection": "keep-alive" }
        });
        let outcome = bench.run("http", with).await.unwrap();
        assert_eq!(outcome["version"], "2");
        assert_eq!(outcome["text"], format!("POST http://{address}/a?b HTTP/2.0 hello"));
        assert_eq!(outcome["timings"]["reused"], round > 0);
    }
    bench.cx.case_state.close().await;
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_unless_it_is_trusted() {
    let (address, certificates) = secure(&["h2", "http/1.1"], Clients::Anyone).await;
    let dir = tempfile::tempdir().unwrap();
    certificates.write(dir.path());
    let bench = Bench::new(dir.path());
    let url = format!("https://localhost:{}/", address.port());
    let error = bench.run("http", json!({ "url": url })).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Connection);
    assert!(error.message.contains("invalid peer certificate"), "{error}");
    assert!(error.help.unwrap().contains("tls: { verify: false }"));

    let by_address = format!("https://{address}/");
    for (url, tls) in [
        (&url, json!({ "ca": "ca.pem" })),
        (&by_address, json!({ "verify": false })),
        (&by_address, json!({ "ca": "ca.pem", "server_name": "localhost" })),
    ] {
        let outcome = bench.run("http", json!({ "url": url, "tls": tls })).await.unwrap();
        assert_eq!(outcome["version"], "2", "{tls}");
        assert_eq!(outcome["tls"]["version"], "TLSv1.3", "{tls}");
        assert_eq!(outcome["tls"]["alpn"], "h2", "{tls}");
        assert!(outcome["timings"]["tls_ms"].as_f64().unwrap() > 0.0, "{tls}");
    }
    let wrong = json!({ "url": by_address, "tls": { "ca": "ca.pem" } });
    assert!(bench.run("http", wrong).await.is_err(), "the name does not match");
}

#[tokio::test]
async fn the_version_follows_what_is_offered_and_asked() {
    let (both, _) = secure(&["h2", "http/1.1"], Clients::Anyone).await;
    let (old, _) = secure(&["http/1.1"], Clients::Anyone).await;
    let bench = Bench::default();
    let with = |address: SocketAddr, version: Option<&str>| {
        let url = format!("https://{address}/");
        json!({ "url": url, "version": version, "tls": { "verify": false } })
    };
    for (address, version, spoken) in
        [(both, None, "2"), (both, Some("1.1"), "1.1"), (both, Some("2"), "2"), (old, None, "1.1")]
    {
        let outcome = bench.run("http", with(address, version)).await.unwrap();
        assert_eq!(outcome["version"], spoken, "{version:?}");
    }
    assert!(bench.run("http", with(old, Some("2"))).await.is_err());
}

#[tokio::test]
async fn a_server_that_expects_otherwise_does_not_hang_the_step() {
    let (address, _) = secure(&[], Clients::Anyone).await;
    let with = json!({ "url": format!("http://{address}/") });
    let error = Bench::default().run("http", with).await.unwrap_err();
    assert!(matches!(error.kind, StepErrorKind::Protocol | StepErrorKind::Connection), "{error:?}");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap();
    let with = json!({ "url": format!("https://{silent}/"), "connect_timeout": "30ms" });
    let error = Bench::default().run("http", with).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::TimedOut, "{error:?}");
    assert!(error.message.contains("within 30ms"), "{error}");
}

#[tokio::test]
async fn a_client_shows_its_certificate_when_it_is_asked() {
    for (alpn, version) in [("h2", "2"), ("http/1.1", "1.1")] {
        let (address, certificates) = secure(&[alpn], Clients::Known).await;
        let dir = tempfile::tempdir().unwrap();
        certificates.write(dir.path());
        let bench = Bench::new(dir.path());
        let with =
            |tls| json!({ "url": format!("https://localhost:{}/", address.port()), "tls": tls });
        let known = json!({ "ca": "ca.pem", "cert": "client.pem", "key": "client.key" });
        let outcome = bench.run("http", with(known)).await.unwrap();
        assert_eq!((&outcome["status"], &outcome["version"]), (&json!(200), &json!(version)));

        let strange = json!({ "ca": "ca.pem", "cert": "stranger.pem", "key": "stranger.key" });
        for (tls, alert) in [(json!({ "ca": "ca.pem" }), "CertificateRequired"), (strange, "")] {
            let error = bench.run("http", with(tls)).await.unwrap_err();
            assert_eq!(error.kind, StepErrorKind::Connection, "{error:?}");
            assert!(error.message.contains("TLS"), "{error}");
            assert!(error.message.contains(alert), "{error}");
            assert!(error.help.unwrap().contains("tls: { cert"), "{alert}");
        }
    }
}

#[tokio::test]
async fn a_key_that_is_not_that_of_the_certificate_is_a_mistake() {
    let dir = tempfile::tempdir().unwrap();
    Certificates::new().write(dir.path());
    std::fs::write(dir.path().join("empty.pem"), "").unwrap();
    let bench = Bench::new(dir.path());
    for (tls, at) in [
        (json!({ "cert": "client.pem", "key": "stranger.key" }), "/tls/key"),
        (json!({ "cert": "client.pem", "key": "client.pem" }), "/tls/key"),
        (json!({ "cert": "empty.pem", "key": "client.key" }), "/tls/cert"),
        (json!({ "ca": "client.key" }), "/tls/ca"),
    ] {
        let with = json!({ "url": "https://127.0.0.1:1/", "tls": tls });
        let error = bench.run("http", with).await.unwrap_err();
        assert_eq!(error.kind, StepErrorKind::InvalidParams, "{tls}: {error:?}");
        assert_eq!(error.at.as_deref(), Some(at), "{tls}: {error:?}");
    }
}

#[tokio::test]
async fn http2_carries_large_bodies_both_ways_and_keeps_its_connection() {
    let (address, certificates) = secure(&["h2"], Clients::Anyone).await;
    let dir = tempfile::tempdir().unwrap();
    certificates.write(dir.path());
    // More than the windows of a stream and of a connection.
    let content: String = ('a'..='z').cycle().take(300_000).collect();
    std::fs::write(dir.path().join("big.txt"), &content).unwrap();
    let bench = Bench::new(dir.path());
    for round in 0..3 {
        let outcome = bench
            .run(
                "http",
                json!({
                    "method": "PUT", "url": format!("https://localhost:{}/up?{round}", address.port()),
                    "file": "big.txt", "tls": { "ca": "ca.pem" }
                }),
            )
            .await
            .unwrap();
        let text = outcome["text"].as_str().unwrap();
        assert!(text.starts_with("PUT https://localhost") && text.ends_with(&content), "{round}");
        assert_eq!(outcome["timings"]["reused"], round > 0);
        assert_eq!(outcome["reason"], "OK");
    }
    let with = json!({
        "url": format!("https://localhost:{}/", address.port()), "tls": { "ca": "ca.pem" },
        "method": "POST", "file": "big.txt", "max_body": "64KiB"
    });
    let error = bench.run("http", with).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Limit, "{error:?}");
    bench.cx.case_state.close().await;
}
