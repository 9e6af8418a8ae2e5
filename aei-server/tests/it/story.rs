//! The flow of the original design: a user, nodes, a template, its assignment, a run, its report.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Asker, ok, on_each_database};

const TEMPLATE: &str = "aei: 1
name: shop
cases:
  - id: first
    steps: [{ uses: assert, with: { a: 1 } }]
  - id: second
    requires: { name: two }
    steps: [{ uses: assert, with: { a: 1 } }]
";

fn event(run: &str, seq: u64, body: &Value) -> String {
    let event = json!({
        "run_id": run, "seq": seq, "at": "2026-01-01T00:00:00Z", "event": body,
    });
    format!("{event}\n")
}

/// What a node tells of a run of one case.
fn told(run: &str, case: &str) -> Vec<String> {
    let summary = json!({ "total": 1, "passed": 1 });
    [
        json!({ "run_started": {
            "version": 1, "aei": "0", "name": "shop", "cases": 1, "jobs": 1,
            "suites": [{ "name": "shop", "file": "shop.yaml", "cases": 1 }],
        } }),
        json!({ "case_started": { "case": 0, "suite": 0, "id": case, "name": case, "attempt": 1 } }),
        json!({ "case_finished": { "case": 0, "status": "passed", "duration_us": 7 } }),
        json!({ "run_finished": { "status": "passed", "summary": summary, "duration_us": 9 } }),
    ]
    .iter()
    .zip(0..)
    .map(|(body, seq)| event(run, seq, body))
    .collect()
}

async fn append(node: &Asker, command: &str, body: String) -> reqwest::Response {
    node.ask(Method::POST, &format!("/node/commands/{command}/events"))
        .header("content-type", "application/x-ndjson")
        .body(body)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_template_goes_out_and_its_results_come_back() {
    on_each_database(async |app| {
        let (ann, ann_id) = app.user("ann").await;
        let (one, one_id) = app.node(&ann, &ann_id, "one").await;
        let (two, two_id) = app.node(&ann, &ann_id, "two").await;
        let stored: Value = ok(ann.upload("shop", TEMPLATE).await).await;
        assert_eq!(stored["latest"]["version"], 1);
        let data = app.folder.path().join(&ann_id).join("test_template");
        assert!(data.join("shop.json").exists() && data.join("shop/1.yaml").exists());

        // All nodes: the second case goes only where it is met.
        let run: Value = ann.post("/runs", &json!({ "template": "shop" })).await;
        assert_eq!((&run["state"], run["nodes"].as_array().unwrap().len()), (&json!("waiting"), 2));
        let run_id = run["id"].as_str().unwrap();
        let pending: Value = one.get("/node/commands").await;
        let command = &pending["commands"][0];
        assert_eq!((&command["state"], &command["cases"]), (&json!("START"), &json!(["first"])));
        let id = command["id"].as_str().unwrap();
        let all: Value = two.get("/node/commands").await;
        assert_eq!(all["commands"][0]["cases"], Value::Null, "all cases");

        // START → RUNNING; a template to the byte; events once, however often they come.
        let _: Value = one.post(&format!("/node/commands/{id}/ack"), &Value::Null).await;
        let pending: Value = one.get("/node/commands").await;
        assert_eq!(pending["commands"][0]["state"], "RUNNING");
        let text = one.ask(Method::GET, &format!("/node/commands/{id}/template")).send().await;
        assert_eq!(text.unwrap().text().await.unwrap(), TEMPLATE);
        let lines = told(run_id, "first");
        let gap = append(&one, id, lines[2..].concat()).await;
        assert_eq!(gap.status(), StatusCode::CONFLICT);
        assert_eq!(gap.json::<Value>().await.unwrap()["expected"], 0);
        for (body, next) in [(&lines[..2], 2), (&lines[..2], 2), (&lines[1..], 4)] {
            let answer: Value = ok(append(&one, id, body.concat()).await).await;
            assert_eq!(answer["next_seq"], next);
        }
        let log =
            ann.send(Method::GET, &format!("/runs/{run_id}/events?node={one_id}"), None).await;
        assert_eq!(log.text().await.unwrap(), lines.concat());

        // RUNNING → gone; what it gave stays.
        let end = json!({
            "status": "passed", "events": 4, "summary": { "total": 1, "passed": 1 },
        });
        let ended =
            one.send(Method::POST, &format!("/node/commands/{id}/finish"), Some(&end)).await;
        assert_eq!(ended.status(), StatusCode::NO_CONTENT);
        let pending: Value = one.get("/node/commands").await;
        assert_eq!(pending["commands"], json!([]));
        let cases: Value = ann.get(&format!("/runs/{run_id}/cases")).await;
        assert_eq!(cases["items"][0]["status"], "passed");
        let path = format!("/runs/{run_id}/reports/{one_id}.junit.xml");
        let junit = ann.send(Method::GET, &path, None).await.text().await.unwrap();
        assert!(junit.contains("<testcase") && junit.contains("first"), "{junit}");

        // The other never took its own: cancelling ends the run.
        let run: Value = ann.post(&format!("/runs/{run_id}/cancel"), &Value::Null).await;
        assert_eq!((&run["state"], &run["status"]), (&json!("finished"), &json!("cancelled")));
        let history: Value = ann.get("/templates/shop/history?case=first").await;
        assert_eq!(history["outcomes"][0]["node_id"], one_id.as_str());

        // Assigned: one box, one command.
        let grid = json!({ "cases": [{ "case": "first", "node": two_id }], "rules": [] });
        let put = ann.send(Method::PUT, "/assignments/shop", Some(&grid)).await;
        assert_eq!(put.status(), StatusCode::OK);
        let wanted = json!({ "template": "shop", "target": "assigned" });
        let run: Value = ann.post("/runs", &wanted).await;
        assert_eq!(run["nodes"][0]["node_id"], two_id.as_str());
        assert_eq!(run["nodes"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_falls_silent_is_lost_and_another_gets_its_cases() {
    on_each_database(async |app| {
        let (ann, ann_id) = app.user("ann").await;
        let (one, one_id) = app.node(&ann, &ann_id, "one").await;
        ok::<Value>(ann.upload("shop", TEMPLATE).await).await;
        let wanted =
            json!({ "template": "shop", "target": { "nodes": [one_id] }, "reassign_lost": true });
        let run: Value = ann.post("/runs", &wanted).await;
        let path = format!("/runs/{}", run["id"].as_str().unwrap());
        let (_two, two_id) = app.node(&ann, &ann_id, "two").await;
        let command = run["nodes"][0]["command"].as_str().unwrap();
        let _: Value = one.post(&format!("/node/commands/{command}/ack"), &Value::Null).await;
        loop {
            let run: Value = ann.get(&path).await;
            let nodes = run["nodes"].as_array().unwrap();
            if nodes.len() == 2 {
                assert_eq!(
                    (&nodes[0]["state"], &nodes[0]["status"]),
                    (&json!("lost"), &json!("errored"))
                );
                assert_eq!(nodes[1]["node_id"], two_id.as_str());
                assert_eq!(run["state"], "running");
                break;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}
