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
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

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

/// A server with a certificate of its own for `localhost`; the certificate as PEM.
async fn secure(alpn: &[&str]) -> (SocketAddr, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
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
    (address, certificate.pem())
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
    let (address, pem) = secure(&["h2", "http/1.1"]).await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ca.pem"), pem).unwrap();
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
    let (both, _) = secure(&["h2", "http/1.1"]).await;
    let (old, _) = secure(&["http/1.1"]).await;
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
    let (address, _) = secure(&[]).await;
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
