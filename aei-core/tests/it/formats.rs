//! Every format, as other tools read it.

use std::io::Cursor;
use std::path::Path;

use aei_core::event::Status;
use aei_core::report::format::{Format, Options, events, write, write_folder};
use aei_core::report::{CaseSource, Report, StoredReport};
use serde_json::Value;

use crate::{sample, tools};

pub(crate) fn written(report: &mut dyn CaseSource, format: Format) -> String {
    let options =
        Options { artifact: &|path| path.ends_with("scope.png").then(|| sample::PIXEL.to_vec()) };
    let mut out = Vec::new();
    write(format, report, &mut out, &options).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn read_back(source: &mut dyn CaseSource) -> Report {
    let mut cases = Vec::new();
    source
        .each_case(&mut |case| {
            cases.push(case.clone());
            Ok(())
        })
        .unwrap();
    Report { head: source.head().clone(), cases }
}

#[test]
fn json_reads_back_in_any_layout() {
    let mut report = sample::small();
    let lines = written(&mut report, Format::Json);
    let value: Value = serde_json::from_str(&lines).unwrap();
    let bom = format!("\u{feff}{lines}");
    for text in [lines, value.to_string(), serde_json::to_string_pretty(&value).unwrap(), bom] {
        let mut stored = StoredReport::open(Cursor::new(text.into_bytes())).unwrap();
        assert_eq!(read_back(&mut stored), report);
        assert_eq!(read_back(&mut stored), report, "a second time");
    }
}

#[test]
fn large_json_reads_back() {
    let mut report = sample::large(2_000);
    let text = written(&mut report, Format::Json);
    let mut stored = StoredReport::open(Cursor::new(text.clone().into_bytes())).unwrap();
    assert_eq!(read_back(&mut stored), report);
    assert_eq!(written(&mut stored, Format::Json), text);
}

#[test]
fn a_cut_file_says_where() {
    let text = written(&mut sample::small(), Format::Json);
    let read = |text: &str| {
        StoredReport::open(Cursor::new(text.as_bytes().to_vec()))
            .and_then(|mut stored| stored.each_case(&mut |_| Ok(())))
    };
    read(&text).unwrap();
    let end = text.trim_end().len();
    for cut in (0..end).filter(|&at| text.is_char_boundary(at)) {
        let error = read(&text[..cut]).unwrap_err().to_string();
        assert!(error.contains("cut off") || error.contains("empty"), "at {cut}: {error}");
    }
    let error = read(r#"{"cases":[],"head":{}}"#).unwrap_err().to_string();
    assert!(error.contains("`cases`, not `head`"), "{error}");
    let error = read(&text.replacen(r#""version":1"#, r#""version":9"#, 1)).unwrap_err();
    assert!(error.to_string().contains("version 9"), "{error}");
    let error = read(&text.replacen(r#""uses":"http""#, r#""uses":7"#, 1)).unwrap_err();
    assert!(error.to_string().contains("case 2 "), "{error}");
}

#[test]
fn events_fold_to_the_report() {
    let mut report = sample::small();
    let mut all = Vec::new();
    events(&mut report, &mut |event| {
        all.push(event.clone());
        Ok(())
    })
    .unwrap();
    assert_eq!(Report::from_events(&all).unwrap().cases, report.cases);
    assert_eq!(Report::from_events(&all).unwrap().head.summary, report.head.summary);
    let lines = written(&mut report, Format::Ndjson);
    assert_eq!(lines.lines().count(), all.len());
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert!(last["event"]["run_finished"].is_object(), "{last}");
}

#[test]
fn junit_keeps_both_schemas() {
    let mut cut = sample::small();
    cut.head.complete = false;
    cut.cases.swap(1, 8);
    for (name, report) in [("whole", sample::small()), ("cut", cut), ("large", sample::large(500))]
    {
        let mut report = report;
        let file = tools::scratch(&format!("junit_{name}")).join("report.xml");
        std::fs::write(&file, written(&mut report, Format::Junit)).unwrap();
        if tools::skipped() {
            return;
        }
        let script = tools::folder().join("junit_schemas.py");
        let schemas = ["jenkins-junit.xsd", "surefire.xsd"].map(tools::schema);
        let paths = [&script, &file, &schemas[0], &schemas[1]].map(|path| path.to_str().unwrap());
        let output = tools::run(&tools::python(), &paths).unwrap();
        assert!(output.status.success(), "{name}: {}", tools::said(&output));
    }
}

#[test]
fn junit_says_all() {
    let text = written(&mut sample::small(), Format::Junit);
    for part in [
        "<flakyFailure message=\"`status` is 503, not 200\" type=\"failed\">",
        "<flakyError message=\"connection refused\" type=\"errored\">",
        "<rerunFailure message=\"`exit_code` is 1, not 0\"",
        "<error message=\"cannot start `./export`: no such file\" type=\"errored\">",
        "at suites/checkout.aei.yaml:34:7",
        "[[PROPERTY|rail_peak=3.47 V]]",
        "[[ATTACHMENT|artifacts/8/scope.png]]",
        "<skipped message=\"`pay` did not pass\"/>",
        "<property name=\"label.team\" value=\"payments\"/>",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn tap_is_read_by_prove() {
    let file = tools::scratch("tap").join("report.tap");
    std::fs::write(&file, written(&mut sample::small(), Format::Tap)).unwrap();
    let Some(output) = tools::run(Path::new("prove"), &[file.to_str().unwrap()]) else { return };
    let said = tools::said(&output);
    assert!(said.contains("Failed 6/9 subtests"), "{said}");
    assert!(said.contains("1 skipped subtest"), "{said}");
    assert!(!said.contains("Parse errors"), "{said}");
    let mut good = sample::small();
    good.cases.retain(|case| matches!(case.status, Status::Passed | Status::Skipped));
    std::fs::write(&file, written(&mut good, Format::Tap)).unwrap();
    let output = tools::run(Path::new("prove"), &["-v", file.to_str().unwrap()]).unwrap();
    assert!(output.status.success(), "{}", tools::said(&output));
}

#[test]
fn ctrf_keeps_its_schema() {
    if tools::skipped() {
        return;
    }
    let path = tools::modules().join("ctrf/dist/ctrf-schema-0.0.json");
    let schema = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("`npm ci` in tests/tools is needed: {error}"));
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for mut report in [sample::small(), sample::large(300)] {
        let document: Value = serde_json::from_str(&written(&mut report, Format::Ctrf)).unwrap();
        let mistakes: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(mistakes, Vec::<String>::new());
        let tests = document["results"]["tests"].as_array().unwrap();
        assert_eq!(document["results"]["summary"]["tests"], tests.len());
    }
    let document: Value =
        serde_json::from_str(&written(&mut sample::small(), Format::Ctrf)).unwrap();
    let search = &document["results"]["tests"][2];
    assert_eq!(search["flaky"], true);
    assert_eq!(search["retryAttempts"][1]["message"], "connection refused");
}

#[test]
fn allure_reads_its_folder() {
    let folder = tools::scratch("allure");
    let results = folder.join("results");
    std::fs::create_dir_all(&results).unwrap();
    let options =
        Options { artifact: &|path| path.ends_with("scope.png").then(|| sample::PIXEL.to_vec()) };
    let mut put = |name: &str, bytes: &[u8]| std::fs::write(results.join(name), bytes);
    write_folder(&mut sample::small(), &mut put, &options).unwrap();
    let allure = tools::modules().join(".bin/allure");
    let page = folder.join("page");
    let arguments =
        ["generate", results.to_str().unwrap(), "-o", page.to_str().unwrap(), "--clean"];
    let Some(output) = tools::run(&allure, &arguments) else { return };
    assert!(output.status.success(), "{}", tools::said(&output));
    let read = |path: &str| -> Value {
        serde_json::from_slice(&std::fs::read(page.join(path)).unwrap()).unwrap()
    };
    let statistic = &read("widgets/summary.json")["statistic"];
    let counts = ["total", "passed", "failed", "broken", "skipped"];
    assert_eq!(counts.map(|name| statistic[name].as_u64().unwrap()), [9, 2, 2, 3, 2]);
    let cases = std::fs::read_dir(page.join("data/test-cases")).unwrap();
    let cases: Vec<Value> = cases
        .map(|file| serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap())
        .collect();
    let named =
        |name: &str| cases.iter().find(|case| case["name"] == name && case["hidden"] == false);
    let search = named("Search finds things").unwrap();
    assert_eq!(search["flaky"], true);
    assert_eq!(search["extra"]["retries"].as_array().unwrap().len(), 2);
    let rail = named("3.3 V rail keeps its limits").unwrap();
    let picture = &rail["testStage"]["steps"][0]["attachments"][0];
    assert_eq!(picture["type"], "image/png");
    assert_eq!(named("User ann logs in").unwrap()["beforeStages"][0]["name"], "setup");
}

#[test]
fn github_annotations_are_escaped_and_few() {
    let text = written(&mut sample::small(), Format::Github);
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 5);
    assert!(
        errors[0].starts_with(
            "::error file=suites/checkout.aei.yaml,line=34,col=7,title=Pays # with 100 %25 | a `card`%2C twice%3A ok? · failed::POST /orders"
        ),
        "{}",
        errors[0]
    );
    assert!(errors[0].contains("%0A"));
    assert!(text.contains("::warning file=") && text.contains("passed at attempt 3"));
    let text = written(&mut sample::large(3_000), Format::Github);
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    assert!(text.lines().last().unwrap().contains("20 more cases"), "{text}");
}

#[test]
fn markdown_shows_failures_and_no_markup_of_theirs() {
    let text = written(&mut sample::small(), Format::Markdown);
    insta::assert_snapshot!(text);
}
