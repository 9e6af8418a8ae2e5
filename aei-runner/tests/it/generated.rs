//! The committed schemas and reference pages are those that the code makes.
//!
//! `scripts/generate` makes them anew; so does this test with `AEI_GENERATE=1`.

use std::fs;
use std::path::Path;

use aei_core::{reference, schema};
use serde_json::Value;

fn check(path: &Path, made: &str) -> Option<String> {
    if std::env::var_os("AEI_GENERATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, made).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    (kept != made).then(|| path.display().to_string())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn schemas_are_fresh() {
    let registry = aei_runner::registry();
    let made = [
        ("template", schema::template(&registry)),
        ("event", schema::event()),
        ("report", schema::report()),
    ];
    let text = |value: &Value| serde_json::to_string_pretty(value).unwrap() + "\n";
    let stale: Vec<String> = made
        .iter()
        .filter_map(|(name, value)| {
            check(&root().join(format!("schema/{name}.schema.json")), &text(value))
        })
        .collect();
    assert!(stale.is_empty(), "run scripts/generate: {stale:?}");
}

#[test]
fn reference_pages_are_fresh() {
    let folder = root().join("docs/reference");
    let pages = reference::pages(&aei_runner::registry());
    let stale: Vec<String> =
        pages.iter().filter_map(|(name, text)| check(&folder.join(name), text)).collect();
    assert!(stale.is_empty(), "run scripts/generate: {stale:?}");
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(pages.iter().any(|(page, _)| *page == name), "nobody makes {name}");
    }
}

/// Every example of a runner's page is a step that validates.
#[test]
fn examples_validate() {
    use aei_core::source::{SourceMap, Syntax, parse, render};
    let registry = aei_runner::registry();
    for runner in registry.iter() {
        let spec = runner.spec();
        let mut lines = spec.example.trim().lines();
        let first = lines.next().unwrap_or_default();
        assert!(!first.is_empty(), "`{}` has no example", spec.kind);
        let mut step = if first.starts_with("- ") {
            format!("      {first}\n")
        } else {
            format!("      - {first}\n")
        };
        let margin = if first.starts_with("- ") { "      " } else { "        " };
        for line in lines {
            step.extend([margin, line, "\n"]);
        }
        let text = format!("aei: 1\ncases:\n  - id: example\n    steps:\n{step}");
        let mut sources = SourceMap::default();
        let node = parse(&mut sources, &spec.kind, text.into(), Syntax::Yaml)
            .unwrap_or_else(|mistake| panic!("{}: {}", spec.kind, mistake.message));
        let found = aei_core::validate::shape(&node, &registry);
        assert!(found.is_empty(), "{}", render(&found, &sources, false));
    }
}
