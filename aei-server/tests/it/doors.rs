//! Who gets in, and what a wrong request is told.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{ok, on_each_database};

#[tokio::test]
async fn what_is_anothers_is_not_there() {
    on_each_database(async |app| {
        let (ann, ann_id) = app.user("ann").await;
        let (eve, _) = app.user("eve").await;
        let (node, node_id) = app.node(&ann, &ann_id, "one").await;
        let text = "aei: 1\ncases: [{ id: a, steps: [{ uses: assert, with: {} }] }]\n";
        ok::<Value>(ann.upload("shop", text).await).await;
        let run: Value = ann.post("/runs", &json!({ "template": "shop" })).await;
        let run_id = run["id"].as_str().unwrap();
        for (method, path) in [
            (Method::GET, format!("/nodes/{node_id}")),
            (Method::DELETE, format!("/nodes/{node_id}")),
            (Method::GET, "/templates/shop".to_owned()),
            (Method::GET, "/templates/shop/content".to_owned()),
            (Method::DELETE, "/templates/shop".to_owned()),
            (Method::GET, "/assignments/shop".to_owned()),
            (Method::GET, format!("/runs/{run_id}")),
            (Method::POST, format!("/runs/{run_id}/cancel")),
            (Method::GET, format!("/runs/{run_id}/cases")),
            (Method::GET, format!("/runs/{run_id}/events?node={node_id}")),
            (Method::GET, format!("/runs/{run_id}/reports/{node_id}.json")),
            (Method::DELETE, format!("/runs/{run_id}")),
        ] {
            let problem = eve.refusal(method.clone(), &path, None).await;
            assert_eq!(problem.status, 404, "{method} {path}");
            let problem = app.stranger().refusal(method.clone(), &path, None).await;
            assert_eq!(problem.status, 401, "{method} {path}");
            let problem = node.refusal(method.clone(), &path, None).await;
            assert_eq!(problem.status, 403, "{method} {path}");
        }
        // A node that was removed is nobody from that moment on.
        let gone = ann.send(Method::DELETE, &format!("/nodes/{node_id}"), None).await;
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
        assert_eq!(node.refusal(Method::GET, "/node/commands", None).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn refusals_say_why() {
    on_each_database(async |app| {
        let (ann, ann_id) = app.user("ann").await;
        let wrong = json!({ "name": "Ann", "password": "correct horse" });
        let problem = app.stranger().refusal(Method::POST, "/auth/register", Some(&wrong)).await;
        assert_eq!((problem.status, problem.code.as_str()), (409, "name-taken"));
        let wrong = json!({ "name": "ann", "password": "wrong horse" });
        let problem = app.stranger().refusal(Method::POST, "/auth/login", Some(&wrong)).await;
        assert_eq!((problem.status, problem.code.as_str()), (401, "wrong-credentials"));

        let key: Value = ann.post("/enrolment-keys", &json!({ "name": "k", "uses": 1 })).await;
        let node = json!({ "user_id": ann_id, "key": key["secret"], "name": "one" });
        let _: Value = app.stranger().post("/node/register", &node).await;
        let problem = app.stranger().refusal(Method::POST, "/node/register", Some(&node)).await;
        assert_eq!((problem.status, problem.code.as_str()), (403, "key-refused"));

        let bad = ann.upload("shop", "aei: 1\ncases: [{ id: a, stps: [] }]\n").await;
        assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let problem: Value = bad.json().await.unwrap();
        assert_eq!(problem["mistakes"][0]["line"], 2, "{problem}");
        let bad = ann.upload("..%2Fescape", "aei: 1\ncases: []\n").await;
        assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let wanted = json!({ "template": "none" });
        let problem = ann.refusal(Method::POST, "/runs", Some(&wanted)).await;
        assert_eq!(problem.code, "unknown-template");
    })
    .await;
}

#[tokio::test]
async fn a_write_that_comes_twice_is_done_once() {
    on_each_database(async |app| {
        let (ann, _) = app.user("ann").await;
        let (eve, _) = app.user("eve").await;
        let text = "aei: 1\ncases: [{ id: a, steps: [{ uses: assert, with: {} }] }]\n";
        let key = "01890000-0000-7000-8000-000000000001";
        for asker in [&ann, &ann] {
            let put = asker.ask(Method::PUT, "/templates/shop").header("idempotency-key", key);
            let stored: Value = ok(put.body(text).send().await.unwrap()).await;
            assert_eq!(stored["latest"]["version"], 1);
        }
        let versions: Value = ann.get("/templates/shop/versions").await;
        assert_eq!(versions["items"].as_array().unwrap().len(), 1);
        // Another's key tells nothing of what was done with it.
        let put = eve.ask(Method::PUT, "/templates/shop").header("idempotency-key", key);
        assert_eq!(put.body(text).send().await.unwrap().status(), StatusCode::CONFLICT);
    })
    .await;
}
