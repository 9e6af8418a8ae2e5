//! Ways to a server that are not straight.

use aei_core::runner::StepErrorKind;
use serde_json::json;

use super::site::{Site, ok, reply};
use crate::context::Bench;

#[tokio::test]
async fn a_proxy_is_asked_with_the_whole_url() {
    let proxy = Site::start(|_| ok("", "from the proxy")).await;
    let with = json!({
        "url": "http://unknown.invalid/x?y=1",
        "proxy": format!("http://ann:pw@{}", proxy.address)
    });
    let outcome = Bench::default().run("http", with).await.unwrap();
    assert_eq!(outcome["text"], "from the proxy");
    let seen = proxy.only();
    assert_eq!(seen.line, "GET http://unknown.invalid/x?y=1 HTTP/1.1");
    assert_eq!(seen.header("host"), Some("unknown.invalid"));
    assert_eq!(seen.header("proxy-authorization"), Some("Basic YW5uOnB3"));
}

#[tokio::test]
async fn a_proxy_may_refuse_a_tunnel() {
    let proxy = Site::start(|_| reply("403 Forbidden", "", "")).await;
    let with = json!({ "url": "https://unknown.invalid/", "proxy": proxy.address.to_string() });
    let error = Bench::default().run("http", with).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Connection);
    assert!(error.message.contains("HTTP/1.1 403 Forbidden"), "{error}");
    assert_eq!(proxy.only().line, "CONNECT unknown.invalid:443 HTTP/1.1");
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_takes_the_place_of_the_host() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let dir = tempfile::tempdir().unwrap();
    let listener = tokio::net::UnixListener::bind(dir.path().join("api.sock")).unwrap();
    let server = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let size = socket.read(&mut request).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
        String::from_utf8_lossy(&request[..size]).into_owned()
    };
    let bench = Bench::new(dir.path());
    let with = json!({ "url": "http://docker/info", "unix_socket": "api.sock" });
    let (outcome, request) = tokio::join!(bench.run("http", with), server);
    assert_eq!(outcome.unwrap()["text"], "hi");
    assert!(request.starts_with("GET /info HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("Host: docker\r\n"), "{request}");
}
