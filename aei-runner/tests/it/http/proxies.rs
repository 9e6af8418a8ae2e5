//! Ways to a server that are not straight.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aei_core::runner::StepErrorKind;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::secure::secure;
use super::site::{Site, ok, reply};
use crate::certificates::Clients;
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

/// A proxy that makes tunnels, wherever they should lead, to one server. What it was asked is
/// kept.
async fn tunnels(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heads);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                log.lock().unwrap().push(String::from_utf8(head).unwrap());
                let mut server = TcpStream::connect(to).await.unwrap();
                let yes = b"HTTP/1.0 200 Connection established\r\nProxy-Agent: t\r\n\r\n";
                client.write_all(yes).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (address, heads)
}

#[tokio::test]
async fn a_tunnel_leads_to_a_tls_server_that_only_the_proxy_finds() {
    for version in ["2", "1.1"] {
        let (server, certificates) = secure(&["h2", "http/1.1"], Clients::Anyone).await;
        let (proxy, heads) = tunnels(server).await;
        let dir = tempfile::tempdir().unwrap();
        certificates.write(dir.path());
        let bench = Bench::new(dir.path());
        for round in 0..2 {
            let with = json!({
                "method": "POST", "url": "https://shop.invalid/x", "body": "hi",
                "proxy": format!("http://ann:pw@{proxy}"), "version": version,
                "tls": { "ca": "ca.pem", "server_name": "localhost" }
            });
            let outcome = bench.run("http", with).await.unwrap();
            assert_eq!(outcome["version"], version);
            assert!(outcome["text"].as_str().unwrap().ends_with("hi"), "{outcome}");
            assert_eq!(outcome["timings"]["reused"], round > 0);
            assert_eq!(outcome["remote"], proxy.to_string());
        }
        let heads = heads.lock().unwrap();
        let head = "CONNECT shop.invalid:443 HTTP/1.1\r\nHost: shop.invalid:443\r\n\
                    Proxy-Authorization: Basic YW5uOnB3\r\n\r\n";
        assert_eq!(*heads, [head], "one tunnel, and what is for the proxy stays with it");
    }
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
