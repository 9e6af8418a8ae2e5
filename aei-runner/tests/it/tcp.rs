use std::future::Future;
use std::sync::Arc;

use aei_core::runner::{StepError, StepErrorKind};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Certificates, Clients};
use crate::context::Bench;

/// Serves one connection; the address to connect to.
async fn serve<F>(talk: impl FnOnce(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { talk(listener.accept().await.unwrap().0).await });
    address
}

/// Says `220 box ready`, then gives every byte back.
async fn echo() -> String {
    serve(|mut stream| async move {
        stream.write_all(b"220 box ready\r\n").await.unwrap();
        let (mut read, mut write) = stream.split();
        tokio::io::copy(&mut read, &mut write).await.unwrap();
    })
    .await
}

async fn step(with: Value) -> Result<Value, StepError> {
    Bench::default().run("tcp", with).await
}

#[tokio::test]
async fn turns_are_taken_in_order() {
    let outcome = step(json!({
        "address": echo().await,
        "exchange": [
            { "expect_regex": r"^(\d+) (\w+)( x)?" },
            { "expect_line": true },
            { "send": "ping\n" },
            { "expect": "ing" },
            { "send_hex": "00 ff" },
            { "expect_hex": "0a00" },
            { "expect_length": 1 },
            { "send_end": true },
            { "expect_close": true },
        ],
    }));
    let outcome = outcome.await.unwrap();
    assert_eq!(outcome["unmet"], "");
    assert_eq!(outcome["connected"], true);
    assert_eq!(outcome["closed"], true);
    let groups = json!(["220", "box", null]);
    assert_eq!(outcome["matches"][0]["groups"], groups);
    let texts: Vec<_> = (0..6).map(|i| outcome["matches"][i]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["220 box", " ready", "ping", "\n\0", "\u{fffd}", ""]);
    assert_eq!(outcome["matches"][3]["hex"], "0a00");
    assert_eq!((&outcome["bytes_in"], &outcome["bytes_out"]), (&json!(22), &json!(7)));
    assert!(outcome["received_hex"].as_str().unwrap().ends_with("70696e670a00ff"));
}

#[tokio::test]
async fn an_expectation_that_is_not_met_is_a_fact() {
    let address = echo().await;
    let exchange = json!([{ "expect": "250", "within": "30ms" }, { "send": "never" }]);
    let outcome = step(json!({ "address": address, "exchange": exchange })).await.unwrap();
    let unmet = outcome["unmet"].as_str().unwrap();
    assert!(unmet.starts_with("turn 1: expected the text `250`"), "{unmet}");
    assert!(unmet.contains("within 30ms") && unmet.contains("220 box ready"), "{unmet}");
    assert_eq!(outcome["bytes_out"], 0);
    assert_eq!(outcome["received"], "220 box ready\r\n");

    let address = serve(|stream| async move { drop(stream) }).await;
    let exchange = json!([{ "expect_line": true }]);
    let outcome = step(json!({ "address": address, "exchange": exchange })).await.unwrap();
    assert!(outcome["unmet"].as_str().unwrap().contains("closed"), "{outcome}");
}

#[tokio::test]
async fn nobody_at_home_is_a_fact() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let outcome = step(json!({ "address": address })).await.unwrap();
    assert_eq!(outcome["connected"], false);
    assert!(outcome["reason"].as_str().unwrap().contains("refused"), "{outcome}");
}

#[tokio::test]
async fn a_session_goes_on_in_a_later_step() {
    let bench = Bench::default();
    let address = echo().await;
    let exchange = json!([{ "expect": "220" }]);
    let with = json!({ "address": address, "session": "mail", "exchange": exchange });
    let outcome = bench.run("tcp", with).await.unwrap();
    assert!(outcome["connect_ms"].as_f64().unwrap() > 0.0);
    let exchange = json!([{ "expect_line": true }, { "send": "a\n" }, { "expect_line": true }]);
    let with = json!({ "session": "mail", "exchange": exchange });
    let outcome = bench.run("tcp", with).await.unwrap();
    assert_eq!(outcome["received"], " box ready\r\na\n");
    assert_eq!(outcome["matches"][1]["text"], "a");

    let error = bench.run("tcp", json!({ "session": "mail", "address": "b:1" })).await.unwrap_err();
    assert!(error.message.contains("is connected to"), "{error}");
    let exchange = json!([{ "send": "still here" }, { "expect": "here" }]);
    let with = json!({ "session": "mail", "exchange": exchange });
    assert_eq!(bench.run("tcp", with).await.unwrap()["unmet"], "");
    let error = bench.run("tcp", json!({ "session": "post" })).await.unwrap_err();
    assert_eq!(error.at.as_deref(), Some("/session"));
}

#[tokio::test]
async fn too_much_is_an_error() {
    let address = serve(|mut stream| async move {
        let flood = [b'x'; 4096];
        while stream.write_all(&flood).await.is_ok() {}
    })
    .await;
    let exchange = json!([{ "expect": "y" }]);
    let with = json!({ "address": address, "exchange": exchange, "max_received": "64KiB" });
    let error = step(with).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Limit);
    assert!(error.message.contains("64KiB"), "{error}");
}

#[tokio::test]
async fn one_who_answers_while_it_is_spoken_to_is_heard() {
    let dir = tempfile::tempdir().unwrap();
    // More than both sides' buffers take when nobody reads.
    let long = "x".repeat(30 << 20);
    std::fs::write(dir.path().join("long"), &long).unwrap();
    let exchange = json!([
        { "expect_line": true }, { "send_file": "long" }, { "expect_length": long.len() }
    ]);
    let with = json!({ "address": echo().await, "exchange": exchange, "max_received": "40MiB" });
    let outcome = Bench::new(dir.path()).run("tcp", with).await.unwrap();
    assert_eq!((&outcome["unmet"], &outcome["bytes_out"]), (&json!(""), &json!(long.len())));
    assert_eq!(outcome["matches"][1]["text"], long);

    let exchange = json!([{ "send_file": "long" }]);
    let with = json!({ "address": echo().await, "exchange": exchange, "max_received": "64KiB" });
    let error = Bench::new(dir.path()).run("tcp", with).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Limit, "{error}");
}

#[tokio::test]
async fn one_who_does_not_listen_is_a_fact() {
    let (done, is_done) = oneshot::channel::<()>();
    let address = serve(|stream| async move {
        let _ = is_done.await;
        drop(stream);
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("long"), "x".repeat(30 << 20)).unwrap();
    let exchange = json!([{ "send_file": "long" }]);
    let with = json!({ "address": address, "exchange": exchange, "within": "200ms" });
    let outcome = Bench::new(dir.path()).run("tcp", with).await.unwrap();
    let unmet = "turn 1: could not be sent: not taken within 200ms";
    assert_eq!((&outcome["unmet"], &outcome["bytes_out"]), (&json!(unmet), &json!(0)));
    done.send(()).unwrap();
}

#[tokio::test]
async fn a_cancel_hangs_up() {
    let (accepted, is_accepted) = oneshot::channel();
    let (ended, has_ended) = oneshot::channel();
    let address = serve(|mut stream| async move {
        accepted.send(()).unwrap();
        ended.send(stream.read(&mut [0]).await.unwrap()).unwrap();
    })
    .await;
    let bench = Bench::default();
    let exchange = json!([{ "expect": "y", "within": "1h" }]);
    let with = json!({ "address": address, "exchange": exchange });
    let (outcome, ()) = tokio::join!(bench.run("tcp", with), async {
        is_accepted.await.unwrap();
        bench.cancel();
    });
    assert_eq!(outcome.unwrap_err().kind, StepErrorKind::Cancelled);
    assert_eq!(has_ended.await.unwrap(), 0);
}

/// Gives back whatever comes, over TLS.
async fn secure_echo(clients: Clients) -> (String, tempfile::TempDir) {
    let certificates = Certificates::new();
    let dir = tempfile::tempdir().unwrap();
    certificates.write(dir.path());
    let acceptor = TlsAcceptor::from(Arc::new(certificates.server(clients)));
    let address = serve(|tcp| async move {
        let Ok(stream) = acceptor.accept(tcp).await else { return };
        let (mut read, mut write) = tokio::io::split(stream);
        let _ = tokio::io::copy(&mut read, &mut write).await;
        let _ = write.shutdown().await;
    });
    (address.await.replace("127.0.0.1", "localhost"), dir)
}

#[tokio::test]
async fn a_session_over_tls_goes_on_to_its_end() {
    let (address, dir) = secure_echo(Clients::Anyone).await;
    let bench = Bench::new(dir.path());
    let with = json!({
        "address": address, "tls": { "ca": "ca.pem" }, "session": "s",
        "exchange": [{ "send": "one\ntwo" }, { "expect_line": true }]
    });
    let outcome = bench.run("tcp", with).await.unwrap();
    assert_eq!(outcome["reason"], Value::Null, "{outcome}");
    assert_eq!(outcome["matches"][0]["text"], "one");
    assert!(outcome["tls_ms"].as_f64().unwrap() > 0.0, "{outcome}");
    let with = json!({
        "session": "s",
        "exchange": [
            { "expect": "two" }, { "send_hex": "ff" }, { "expect_hex": "ff" },
            { "send_end": true }, { "expect_close": true }
        ]
    });
    let outcome = bench.run("tcp", with).await.unwrap();
    assert_eq!((&outcome["unmet"], &outcome["closed"]), (&json!(""), &json!(true)), "{outcome}");
    assert_eq!(outcome["tls_ms"], Value::Null);
}

#[tokio::test]
async fn who_is_not_trusted_is_a_fact() {
    let exchange = json!([{ "send": "a" }, { "expect": "a" }]);
    for (clients, tls, connected) in [
        (Clients::Anyone, json!({}), false),
        (Clients::Anyone, json!({ "verify": false }), true),
        (Clients::Anyone, json!({ "ca": "ca.pem", "server_name": "other" }), false),
        (
            Clients::Known,
            json!({ "ca": "ca.pem", "cert": "client.pem", "key": "client.key" }),
            true,
        ),
    ] {
        let (address, dir) = secure_echo(clients).await;
        let with = json!({ "address": address, "tls": tls, "exchange": exchange });
        let outcome = Bench::new(dir.path()).run("tcp", with).await.unwrap();
        assert_eq!(outcome["connected"], connected, "{tls}: {outcome}");
        assert_eq!(outcome["unmet"], "", "{tls}: {outcome}");
        let reason = outcome["reason"].as_str().unwrap_or("invalid peer certificate");
        assert!(reason.contains("invalid peer certificate"), "{tls}: {reason}");
    }
    // TLS 1.3 tells a client only after its handshake that its certificate is missing.
    let (address, dir) = secure_echo(Clients::Known).await;
    let with = json!({ "address": address, "tls": { "ca": "ca.pem" }, "exchange": exchange });
    let outcome = Bench::new(dir.path()).run("tcp", with).await.unwrap();
    let unmet = outcome["unmet"].as_str().unwrap();
    assert!(unmet.contains("CertificateRequired"), "{outcome}");
}

#[tokio::test]
async fn one_who_does_not_speak_tls_is_a_fact() {
    let with = json!({ "address": echo().await, "tls": {} });
    let outcome = step(with).await.unwrap();
    assert_eq!(outcome["connected"], false);
    assert!(outcome["reason"].as_str().unwrap().contains("TLS"), "{outcome}");
}

#[tokio::test]
async fn wrong_parameters_are_explained() {
    for (with, at, words) in [
        (json!({}), None, "`address` is needed"),
        (json!({ "address": "host" }), Some("/address"), "not `host:port`"),
        (json!({ "exchange": [{}] }), Some("/exchange/0"), "needs a `send…`"),
        (json!({ "exchange": [{ "send": "", "expect": "" }] }), Some("/exchange/0"), "one thing"),
        (json!({ "exchange": [{ "send_hex": "0" }] }), Some("/exchange/0/send_hex"), "not hex"),
        (json!({ "exchange": [{ "expect_regex": "(" }] }), Some("/exchange/0/expect_regex"), "("),
        (
            json!({ "exchange": [{ "send": "", "within": "1s" }] }),
            Some("/exchange/0/within"),
            "goes",
        ),
        (json!({ "exchange": [{ "send_file": "no" }] }), Some("/exchange/0/send_file"), "cannot"),
    ] {
        let error = step(with.clone()).await.unwrap_err();
        assert_eq!(error.at.as_deref(), at, "{with}: {error}");
        assert!(error.message.contains(words), "{with}: {error}");
    }
}
