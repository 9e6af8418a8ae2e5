//! Cookies and redirects.

use aei_core::runner::StepErrorKind;
use serde_json::json;

use super::site::{Answer, Site, ok, reply};
use crate::context::Bench;

async fn shop() -> Site {
    Site::start(|seen| match seen.path() {
        "/login" => {
            let user = seen.text();
            ok(&format!("Set-Cookie: user={user}; Path=/; HttpOnly; Max-Age=60\r\n"), "")
        }
        _ => ok("", seen.header("cookie").unwrap_or("none")),
    })
    .await
}

#[tokio::test]
async fn cookies_are_kept_by_session_and_by_case() {
    let site = shop().await;
    let bench = Bench::default();
    let login = json!({ "method": "POST", "url": site.url("/login"), "body": "ann" });
    let outcome = bench.run("http", login).await.unwrap();
    assert_eq!(
        outcome["cookies"]["user"],
        json!({ "value": "ann", "path": "/", "max_age": 60, "secure": false, "http_only": true })
    );
    let login = json!({
        "method": "POST", "url": site.url("/login"), "body": "root", "session": "admin"
    });
    bench.run("http", login).await.unwrap();
    for (bench, with, sent) in [
        (&bench, json!({}), "user=ann"),
        (&bench, json!({ "session": "admin" }), "user=root"),
        (&bench, json!({ "session": "nobody" }), "none"),
        (&bench, json!({ "cookies": false }), "none"),
        (&bench, json!({ "cookies": { "a": 1 } }), "user=ann; a=1"),
        (&Bench::default(), json!({}), "none"),
    ] {
        let mut with = with;
        with["url"] = site.url("/who").into();
        let outcome = bench.run("http", with.clone()).await.unwrap();
        assert_eq!(outcome["text"], sent, "{with}");
    }
}

async fn maze() -> Site {
    Site::start(|seen| match seen.path() {
        "/start" => reply("302 Found", "Location: next?a=1\r\nSet-Cookie: step=1\r\n", ""),
        "/next?a=1" => reply("307 Temporary Redirect", "Location: /end\r\n", "moved"),
        "/loop" => reply("301 Moved Permanently", "Location: /loop\r\n", ""),
        "/odd" => reply("302 Found", "Location: mailto:ann@example.org\r\n", ""),
        _ => ok("", format!("{} {:?}", seen.line, seen.header("cookie"))),
    })
    .await
}

#[tokio::test]
async fn redirects_are_followed_and_told() {
    let site = maze().await;
    let with = json!({ "method": "POST", "url": site.url("/start"), "form": { "a": "b c" } });
    let outcome = Bench::default().run("http", with).await.unwrap();
    assert_eq!(outcome["text"], "GET /end HTTP/1.1 Some(\"step=1\")");
    assert_eq!(outcome["url"], site.url("/end"));
    assert_eq!(
        outcome["redirects"],
        json!([
            { "status": 302, "url": site.url("/start") },
            { "status": 307, "url": site.url("/next?a=1") }
        ])
    );
    let seen = site.seen();
    assert_eq!(seen[0].text(), "a=b+c");
    assert_eq!((seen[1].text().as_str(), seen[1].header("content-type")), ("", None));
}

#[tokio::test]
async fn a_redirect_can_be_looked_at() {
    let site = maze().await;
    let with = json!({ "url": site.url("/start"), "redirects": false });
    let outcome = Bench::default().run("http", with).await.unwrap();
    assert_eq!(outcome["status"], 302);
    assert_eq!(outcome["headers"]["location"], "next?a=1");
}

#[tokio::test]
async fn a_loop_ends() {
    let site = maze().await;
    let with = json!({ "url": site.url("/loop"), "redirects": 3 });
    let error = Bench::default().run("http", with).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Limit);
    assert!(error.message.starts_with("more than 3 redirects"), "{error}");
    assert_eq!(site.seen().len(), 4);
    let with = json!({ "url": site.url("/odd") });
    let error = Bench::default().run("http", with).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Protocol);
}

#[tokio::test]
async fn credentials_do_not_follow_to_another_origin() {
    let other = Site::start(|seen| ok("", format!("{:?}", seen.header("authorization")))).await;
    let to = other.url("/");
    let site = Site::start(move |seen| match seen.path() {
        "/away" => reply("302 Found", &format!("Location: {to}\r\n"), ""),
        _ => Answer::Close(Vec::new()),
    })
    .await;
    let with = json!({
        "url": site.url("/away"),
        "auth": { "basic": { "username": "ann", "password": "pw" } }
    });
    let outcome = Bench::default().run("http", with).await.unwrap();
    assert_eq!(outcome["text"], "None");
    assert_eq!(site.only().header("authorization"), Some("Basic YW5uOnB3"));
}
