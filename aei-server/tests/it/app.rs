//! A server under test, and someone who talks to it.

use std::time::Duration;

use aei_core::api::{Credentials, Problem, RegisteredNode};
use aei_server::{Config, Server};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::postgres::Postgres;

pub(crate) struct TestApp {
    pub(crate) server: Server,
    pub(crate) folder: tempfile::TempDir,
    _postgres: Option<Postgres>,
}

/// Runs a test once on each database.
pub(crate) async fn on_each_database(test: impl AsyncFn(&TestApp)) {
    for postgres in [None, Some(Postgres::start())] {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::local(folder.path());
        config.database = postgres.as_ref().map(Postgres::url);
        config.lease = Duration::from_millis(400);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = Server::start(config).await.unwrap();
        let app = TestApp { server, folder, _postgres: postgres };
        test(&app).await;
        app.server.stop().await;
    }
}

/// Who asks.
#[derive(Clone)]
pub(crate) struct Asker {
    base: String,
    client: reqwest::Client,
    secret: Option<String>,
}

impl TestApp {
    pub(crate) fn stranger(&self) -> Asker {
        let base = format!("{}/api/v1", self.server.url());
        Asker { base, client: reqwest::Client::new(), secret: None }
    }

    /// A user with a token, and the User ID.
    pub(crate) async fn user(&self, name: &str) -> (Asker, String) {
        let stranger = self.stranger();
        let credentials = Credentials { name: name.into(), password: "correct horse".into() };
        let answer = stranger.ask(Method::POST, "/auth/register").json(&credentials).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let id = answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
        let new = json!({ "name": "test", "scope": "account" });
        let made = stranger
            .ask(Method::POST, "/tokens")
            .header("cookie", cookie.split(';').next().unwrap())
            .json(&new)
            .send()
            .await
            .unwrap();
        let made: Value = ok(made).await;
        (stranger.with(made["secret"].as_str().unwrap()), id)
    }

    /// A node of a user.
    pub(crate) async fn node(&self, user: &Asker, id: &str, name: &str) -> (Asker, String) {
        let key: Value = user.post("/enrolment-keys", &json!({ "name": "k", "uses": 1 })).await;
        let labels = json!({ "os": "linux", "name": name });
        let wanted = json!({
            "user_id": id, "key": key["secret"], "name": name,
            "info": { "version": "0", "labels": labels, "jobs": 1 },
        });
        let node: RegisteredNode = self.stranger().post("/node/register", &wanted).await;
        (self.stranger().with(&node.token), node.node_id.to_string())
    }
}

impl Asker {
    pub(crate) fn with(&self, secret: &str) -> Self {
        Self { secret: Some(secret.to_owned()), ..self.clone() }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.secret {
            Some(secret) => request.bearer_auth(secret),
            None => request,
        }
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        ok(self.ask(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> T {
        ok(self.ask(Method::POST, path).json(body).send().await.unwrap()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let request = self.ask(method, path);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// What a request is refused with.
    pub(crate) async fn refusal(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Problem {
        let answer = self.send(method, path, body).await;
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        answer.json().await.unwrap()
    }

    pub(crate) async fn upload(&self, name: &str, text: &str) -> Response {
        self.ask(Method::PUT, &format!("/templates/{name}"))
            .header("content-type", "application/yaml")
            .body(text.to_owned())
            .send()
            .await
            .unwrap()
    }
}

pub(crate) async fn ok<T: DeserializeOwned>(answer: Response) -> T {
    let (url, status) = (answer.url().clone(), answer.status());
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{url}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{url}: {error}: {text}"))
}
