//! Mistakes in templates, as people see them: each file of `bad/` has its snapshot.

mod registry;

use std::path::{Path, PathBuf};

use aei_core::diagnostic::Severity;
use aei_core::host::{Host, HostError};
use aei_core::source::{SourceMap, Syntax, from_node, parse, render};
use aei_core::template::Template;
use aei_core::validate::{meaning, shape};

use registry::registry;

/// A world of one CSV file.
struct OneFile;

impl Host for OneFile {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::UNIX_EPOCH
    }

    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }

    fn random_int(&self, low: i64, _: i64) -> i64 {
        low
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        if path.ends_with("users.csv") {
            return Ok(b"user,role\nann,admin\nbob,guest\n".to_vec());
        }
        Err(HostError {
            action: "read",
            path: path.display().to_string(),
            reason: "no such file".into(),
            not_found: true,
        })
    }

    fn write(&self, _: &Path, _: &[u8]) -> Result<(), HostError> {
        unreachable!("validation writes nothing")
    }
}

/// What is wrong with a template, as `aei validate` shows it.
fn mistakes(name: &str, text: &str) -> String {
    let mut sources = SourceMap::default();
    let root = match parse(&mut sources, name, text.into(), Syntax::Yaml) {
        Ok(root) => root,
        Err(mistake) => return render(&[mistake], &sources, false),
    };
    let mut found = shape(&root, &registry());
    if !found.iter().any(|mistake| mistake.severity == Severity::Error) {
        let template: Template = from_node(root).unwrap();
        found.extend(meaning(&template, &sources, &registry(), Path::new("."), &OneFile));
    }
    render(&found, &sources, false)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/validate")
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let mut files: Vec<_> = std::fs::read_dir(folder().join("bad"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    assert!(files.len() > 10);
    insta::with_settings!({ snapshot_path => "bad", prepend_module_to_snapshot => false, omit_expression => true }, {
        for file in files {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&file).unwrap();
            insta::assert_snapshot!(name.clone(), mistakes(&format!("{name}.yaml"), &text));
        }
    });
}

#[test]
fn a_good_template_has_none() {
    let text = std::fs::read_to_string(folder().join("good.yaml")).unwrap();
    assert_eq!(mistakes("good.yaml", &text), "");
}
