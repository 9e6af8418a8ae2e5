//! Templates made of foreign formats: they load, and those of httpbin pass against it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aei_runner::core::event::Status;
use aei_runner::core::host::Host;
use aei_runner::core::report::Report;
use aei_runner::generate::{Origin, SourceFormat, fetch, generate};
use aei_runner::{CancelToken, Engine, LocalHost, Plan, Run, RunOptions, load};

use crate::engine::collect;
use crate::httpbin::Httpbin;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// The text loads, without a warning but that a recorded secret stands in it.
fn loads(text: &str, what: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.aei.yaml");
    std::fs::write(&path, text).unwrap();
    let loaded = load(&path, &aei_runner::registry(), &LocalHost);
    let (_, warnings) = loaded.unwrap_or_else(|error| panic!("{what}\n{error}\n{text}"));
    let other = warnings.iter().find(|warning| warning.code != "secret-default");
    assert!(other.is_none(), "{what}: {warnings:?}");
}

fn run(path: &Path, inputs: &[(&str, &str)]) -> Report {
    let host: Arc<dyn Host> = Arc::new(LocalHost);
    let registry = aei_runner::registry();
    let (suite, _) = load(path, &registry, host.as_ref()).unwrap_or_else(|error| panic!("{error}"));
    let mut options = RunOptions { jobs: 4, ..RunOptions::default() };
    for (name, value) in inputs {
        options.inputs.flags.push(((*name).to_owned(), (*value).to_owned()));
    }
    let plan = Plan::new(vec![suite], options, &host).unwrap_or_else(|error| panic!("{error}"));
    let run = Run { plan, folder: None, sinks: Vec::new(), cancel: CancelToken::new() };
    let mut outcome = Engine::new(registry, host).run(run).unwrap();
    collect(outcome.report.as_mut())
}

fn run_text(text: &str, inputs: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.aei.yaml");
    std::fs::write(&path, text).unwrap();
    run(&path, inputs)
}

/// The cases that neither passed nor were skipped.
fn bad(report: &Report) -> Vec<String> {
    let good = |status: Status| matches!(status, Status::Passed | Status::Skipped);
    report
        .cases
        .iter()
        .filter(|case| !good(case.status))
        .map(|case| format!("{} {}\n{:#?}", case.id, case.status, case.steps))
        .collect()
}

#[test]
fn the_blank_template_loads_and_passes() {
    let made = generate(SourceFormat::Blank, b"", &Origin::Nowhere).unwrap();
    loads(&made.text, "blank");
    assert_eq!(bad(&run_text(&made.text, &[])), Vec::<String>::new());
}

#[test]
fn templates_of_the_fixtures_load() {
    let mut seen = 0;
    for entry in walkdir::WalkDir::new(data("")).sort_by_file_name() {
        let entry = entry.unwrap();
        let content = std::fs::read(entry.path()).unwrap_or_default();
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(format) = SourceFormat::detect(&name, &content) else { continue };
        let origin = Origin::Path(entry.path().to_owned());
        // One of them has webhooks only.
        let Ok(made) = generate(format, &content, &origin) else { continue };
        loads(&made.text, &name);
        seen += 1;
    }
    assert!(seen >= 9, "{seen} documents");
}

#[test]
fn a_recording_of_httpbin_passes_against_it() {
    let server = Httpbin::start();
    let path = data("har/httpbin-session.har");
    let content = std::fs::read(&path).unwrap();
    let made = generate(SourceFormat::Har, &content, &Origin::Path(path)).unwrap();
    let report = run_text(&made.text, &[("base_url", &server.url())]);
    assert_eq!(bad(&report), Vec::<String>::new());
}

#[test]
fn most_operations_of_httpbin_pass_unedited() {
    let server = Httpbin::start();
    let url: url::Url = format!("{}/spec.json", server.url()).parse().unwrap();
    let content = fetch(&url).unwrap();
    let made = generate(SourceFormat::Openapi, &content, &Origin::Url(url)).unwrap();
    loads(&made.text, "httpbin's description");
    let report = run_text(&made.text, &[]);
    let passed = report.cases.iter().filter(|case| case.status == Status::Passed).count();
    let failed: Vec<&str> = report
        .cases
        .iter()
        .filter(|case| case.status != Status::Passed)
        .map(|case| case.id.as_str())
        .collect();
    assert!(passed * 100 >= report.cases.len() * 75, "{passed} passed; not: {failed:?}");
}

#[test]
fn the_example_passes() {
    let server = Httpbin::start();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/httpbin/httpbin.aei.yaml");
    let (url, address) = (server.url(), server.address());
    let inputs = [("base_url", &*url), ("address", &*address), ("password", "open-sesame")];
    let report = run(&path, &inputs);
    assert_eq!(bad(&report), Vec::<String>::new());
    assert!(report.cases.len() >= 40, "{}", report.cases.len());
}
