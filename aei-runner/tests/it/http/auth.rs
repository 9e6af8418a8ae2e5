//! How the client says who it is.

use serde_json::{Value, json};

use super::site::{Site, ok, reply};
use crate::context::Bench;
use crate::httpbin::Httpbin;

/// What was sent as `Authorization`.
async fn authorization(with: Value, user: &str) -> Option<String> {
    let site = Site::start(|_| ok("", "")).await;
    let mut with = with;
    with["url"] = format!("http://{user}{}/", site.address).into();
    Bench::default().run("http", with).await.unwrap();
    site.only().header("authorization").map(str::to_owned)
}

#[tokio::test]
async fn basic_and_bearer_are_sent_as_headers() {
    for (with, user, sent) in [
        (
            json!({ "auth": { "basic": { "username": "ann", "password": "pä:ss" } } }),
            "",
            Some("Basic YW5uOnDDpDpzcw=="),
        ),
        (json!({ "auth": { "basic": { "username": "ann" } } }), "", Some("Basic YW5uOg==")),
        (json!({ "auth": { "bearer": "t0ken" } }), "", Some("Bearer t0ken")),
        (json!({}), "ann:p%40ss@", Some("Basic YW5uOnBAc3M=")),
        (json!({ "auth": { "bearer": "t" } }), "ann:pw@", Some("Bearer t")),
        (
            json!({ "auth": { "bearer": "t" }, "headers": { "Authorization": "Own x" } }),
            "",
            Some("Own x"),
        ),
        (json!({ "auth": { "digest": { "username": "ann" } } }), "", None),
        (json!({}), "", None),
    ] {
        assert_eq!(authorization(with.clone(), user).await.as_deref(), sent, "{with} {user}");
    }
}

/// Sends a request and tells its status and how many requests went out before it.
async fn status(bench: &Bench, url: &str, password: &str) -> Value {
    let login = json!({ "digest": { "username": "ann", "password": password } });
    let outcome = bench.run("http", json!({ "url": url, "auth": login })).await.unwrap();
    outcome["status"].clone()
}

#[tokio::test]
async fn httpbin_lets_in_by_digest() {
    let httpbin = Httpbin::start();
    for algorithm in ["MD5", "SHA-256"] {
        let url = httpbin.url() + "/digest-auth/auth/ann/sesame/" + algorithm;
        let bench = Bench::default();
        assert_eq!(status(&bench, &url, "wrong").await, 401, "{algorithm}");
        assert_eq!(status(&bench, &url, "sesame").await, 200, "{algorithm}");
        // The challenge is known by now.
        let with = json!({
            "url": url, "auth": { "digest": { "username": "ann", "password": "sesame" } }
        });
        let outcome = bench.run("http", with).await.unwrap();
        assert_eq!(outcome["json"], json!({ "authenticated": true, "user": "ann" }));
    }
    // After one use each nonce is stale.
    let url = httpbin.url() + "/digest-auth/auth/ann/pw/MD5/1";
    let bench = Bench::default();
    for round in 0..3 {
        assert_eq!(status(&bench, &url, "pw").await, 200, "{round}");
    }
    let offers_both = httpbin.url() + "/digest-auth/undefined/ann/pw";
    assert_eq!(status(&Bench::default(), &offers_both, "pw").await, 200);
    let with = json!({
        "url": httpbin.url() + "/digest-auth/auth-int/ann/pw",
        "auth": { "digest": { "username": "ann", "password": "pw" } }
    });
    let error = Bench::default().run("http", with).await.unwrap_err();
    assert!(error.message.contains("`qop=auth-int`"), "{error}");
}

#[tokio::test]
async fn a_body_is_sent_again_with_the_proof_and_a_redirect_needs_one_of_its_own() {
    let site = Site::start(|seen| match (seen.path(), seen.header("authorization")) {
        (_, None) => reply(
            "401 Unauthorized",
            "WWW-Authenticate: Basic realm=x\r\nWWW-Authenticate: Digest realm=\"x\", \
             qop=\"auth\", nonce=\"n\"\r\n",
            "who?",
        ),
        ("/away", _) => reply("307 Temporary Redirect", "Location: http://localhost:1/\r\n", ""),
        ("/from", _) => reply("307 Temporary Redirect", "Location: /to?a=b\r\n", ""),
        (_, Some(proof)) => ok("", format!("{} {proof}", seen.text())),
    })
    .await;
    let bench = Bench::default();
    let with = |path| {
        json!({
            "method": "POST", "url": site.url(path), "json": { "a": 1 },
            "auth": { "digest": { "username": "ann", "password": "pw" } }
        })
    };
    let outcome = bench.run("http", with("/from")).await.unwrap();
    let text = outcome["text"].as_str().unwrap();
    assert!(text.starts_with("{\"a\":1} Digest username=\"ann\""), "{text}");
    assert!(text.contains("uri=\"/to?a=b\"") && text.contains("nc=00000002"), "{text}");
    assert_eq!(outcome["redirects"].as_array().unwrap().len(), 1);
    let connections = site.seen().iter().map(|seen| seen.connection).collect::<Vec<_>>();
    assert_eq!(connections, [0, 0, 0]);
    // Credentials stay with their origin.
    let error = bench.run("http", with("/away")).await.unwrap_err();
    assert!(error.message.contains("localhost:1"), "{error}");
}
