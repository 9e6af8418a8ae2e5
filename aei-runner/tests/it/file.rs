use std::fs;

use aei_core::runner::{StepError, StepErrorKind};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::context::Bench;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    async fn step(&self, with: Value) -> Value {
        self.try_step(with).await.unwrap()
    }

    async fn try_step(&self, with: Value) -> Result<Value, StepError> {
        Bench::new(self.0.path()).run("file", with).await
    }
}

#[tokio::test]
async fn a_file_is_described() {
    let folder = Folder::new();
    folder.put("a.json", "{\"n\": 1}\n");
    let outcome = folder.step(json!({ "path": "a.json" })).await;
    assert_eq!(outcome["exists"], true);
    assert_eq!(outcome["kind"], "file");
    assert_eq!(outcome["size"], 9);
    assert_eq!(outcome["text"], "{\"n\": 1}\n");
    assert_eq!(outcome["lines"], 1);
    assert_eq!(outcome["json"]["n"], 1);
    assert_eq!(
        outcome["sha256"],
        "372f279dec24e545b8b362b351ad1e131e55611f5caf789e7fb5e92dfdb5a79c"
    );
    assert!(outcome["modified"].as_str().unwrap().ends_with('Z'));
    assert!(outcome["path"].as_str().unwrap().starts_with('/'));
}

#[tokio::test]
async fn what_is_missing_is_a_fact_unless_its_content_is_wanted() {
    let folder = Folder::new();
    let outcome = folder.step(json!({ "path": "none/at/all" })).await;
    assert_eq!(outcome["exists"], false);
    assert!(outcome.get("kind").is_none());
    let error = folder.try_step(json!({ "path": "none", "read": "text" })).await.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Io);
}

#[tokio::test]
async fn content_is_read_as_asked() {
    let folder = Folder::new();
    folder.put("bytes", b"\xff\x00");
    folder.put("text", "plain");
    let outcome = folder.step(json!({ "path": "bytes" })).await;
    assert!(outcome.get("text").is_none() && outcome["size"] == 2);
    let outcome = folder.step(json!({ "path": "bytes", "read": "bytes" })).await;
    assert_eq!(outcome["base64"], "/wA=");
    let outcome = folder.step(json!({ "path": "text", "read": "none" })).await;
    assert!(outcome.get("sha256").is_none() && outcome["size"] == 5);
    for (with, words) in [
        (json!({ "path": "bytes", "read": "text" }), "not UTF-8"),
        (json!({ "path": "text", "read": "json" }), "not JSON"),
        (json!({ "path": "text", "read": "text", "max_size": "4" }), "longer than `max_size`, 4"),
    ] {
        let error = folder.try_step(with).await.unwrap_err();
        assert!(error.message.contains(words), "{error}");
        assert_eq!(error.at.as_deref(), Some("/read"));
    }
}

#[tokio::test]
async fn a_long_file_is_hashed_but_not_kept() {
    let folder = Folder::new();
    folder.put("long", "x".repeat(100_000));
    let outcome = folder.step(json!({ "path": "long", "max_size": "64KiB" })).await;
    assert!(outcome.get("text").is_none());
    assert_eq!(outcome["size"], 100_000);
    assert!(outcome["sha256"].is_string());
}

#[tokio::test]
async fn writing_and_adding() {
    let folder = Folder::new();
    let outcome = folder.step(json!({ "path": "new/a.txt", "write": "one\n" })).await;
    assert_eq!(outcome["text"], "one\n");
    let outcome = folder.step(json!({ "path": "new/a.txt", "append": "two\n" })).await;
    assert_eq!(outcome["lines"], 2);
    let outcome = folder.step(json!({ "path": "a.json", "write_json": { "b": null } })).await;
    assert_eq!(outcome["json"], json!({ "b": null }));
    let outcome =
        folder.step(json!({ "path": "b", "write_base64": "/wA=", "read": "bytes" })).await;
    assert_eq!(outcome["base64"], "/wA=");
}

#[tokio::test]
async fn copying_moving_and_deleting() {
    let folder = Folder::new();
    folder.put("from/deep/a", "content");
    folder.step(json!({ "path": "from", "copy_to": "to" })).await;
    let outcome = folder.step(json!({ "path": "to/deep/a" })).await;
    assert_eq!(outcome["text"], "content");
    let outcome = folder.step(json!({ "path": "to", "move_to": "moved/here" })).await;
    assert_eq!(outcome["exists"], false);
    assert!(folder.0.path().join("moved/here/deep/a").is_file());
    for path in ["from", "from", "moved/here/deep/a"] {
        let outcome = folder.step(json!({ "path": path, "delete": true })).await;
        assert_eq!(outcome["exists"], false);
    }
    assert!(!folder.0.path().join("from").exists());
}

#[tokio::test]
async fn a_folder_is_not_copied_into_itself_for_ever() {
    let folder = Folder::new();
    folder.put("from/a", "content");
    folder.step(json!({ "path": "from", "copy_to": "from/again" })).await;
    assert!(!folder.0.path().join("from/again/again").exists());
}

#[tokio::test]
async fn folders_and_patterns_list_files() {
    let folder = Folder::new();
    for name in ["b.log", "a.log", "sub/c.log", "sub/d.txt"] {
        folder.put(name, name);
    }
    let outcome = folder.step(json!({ "path": "sub" })).await;
    assert_eq!(outcome["kind"], "folder");
    assert_eq!(outcome["files"][1], json!({ "path": "d.txt", "kind": "file", "size": 9 }));
    let paths = |outcome: &Value| {
        let files = outcome["files"].as_array().unwrap();
        files.iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let outcome = folder.step(json!({ "glob": "*.log" })).await;
    assert_eq!(paths(&outcome), ["a.log", "b.log"]);
    let outcome = folder.step(json!({ "glob": "**/*.log" })).await;
    assert_eq!(paths(&outcome), ["a.log", "b.log", "sub/c.log"]);
    let outcome = folder.step(json!({ "path": "sub", "glob": "*.txt" })).await;
    assert_eq!(paths(&outcome), ["d.txt"]);
    let outcome = folder.step(json!({ "glob": "none/*" })).await;
    assert_eq!((&outcome["exists"], paths(&outcome).len()), (&json!(false), 0));
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_followed_and_named() {
    let folder = Folder::new();
    folder.put("a", "content");
    std::os::unix::fs::symlink("a", folder.0.path().join("good")).unwrap();
    std::os::unix::fs::symlink("gone", folder.0.path().join("bad")).unwrap();
    let outcome = folder.step(json!({ "path": "good" })).await;
    assert_eq!((&outcome["kind"], &outcome["link_to"]), (&json!("file"), &json!("a")));
    let outcome = folder.step(json!({ "path": "bad" })).await;
    assert_eq!((&outcome["kind"], &outcome["link_to"]), (&json!("link"), &json!("gone")));
    // The link goes, not what it leads to.
    folder.step(json!({ "path": "good", "delete": true })).await;
    assert!(folder.0.path().join("a").exists());
}

#[tokio::test]
async fn wrong_parameters_are_explained() {
    let folder = Folder::new();
    for (with, at, words) in [
        (json!({}), None, "one of `path` and `glob`"),
        (json!({ "path": "" }), Some("/path"), "is empty"),
        (json!({ "path": "a", "write": "", "delete": true }), Some("/delete"), "exclude"),
        (json!({ "glob": "*", "delete": true }), Some("/delete"), "does not go with `glob`"),
        (json!({ "glob": "[" }), Some("/glob"), "["),
        (json!({ "path": "a", "write_base64": "?" }), Some("/write_base64"), "not base64"),
        (json!({ "path": "a", "wirte": "" }), Some("/wirte"), "unknown field `wirte`"),
        (json!({ "path": "a", "copy_to": "b" }), Some("/path"), "cannot copy"),
    ] {
        let error = folder.try_step(with.clone()).await.unwrap_err();
        assert_eq!(error.at.as_deref(), at, "{with}: {error}");
        assert!(error.message.contains(words), "{with}: {error}");
    }
}
