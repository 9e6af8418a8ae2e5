//! Much of everything: memory stays flat.

use std::fs;
use std::process::Stdio;

use super::bench::{Bench, WATCHDOG};
use crate::program::{Guarded, until_at_most};

/// The most memory that the program had at once, looked at until it ends.
pub(super) fn peak_kib(bench: &Bench, args: &[&str]) -> u64 {
    let mut command = bench.command(args);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut child = Guarded(child);
    let status = format!("/proc/{}/status", child.0.id());
    let mut peak = 0;
    until_at_most(WATCHDOG, "its end", || {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(line) = line {
            peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap());
        }
        child.0.try_wait().unwrap().is_some()
    });
    bench.nothing_is_left();
    peak
}

#[test]
fn ten_thousand_cases_in_every_format_at_once() {
    let bench = Bench::new();
    let step =
        "{ uses: assert, with: { n: \"${{ matrix.n }}\" }, expect: [{ that: n, lt: 9990 }] }";
    bench.write(
        "t.aei.yaml",
        format!(
            "aei: 1\ncases:\n  - id: many\n    matrix: {{ n: \"${{{{ range(10000) }}}}\" }}\n    \
             steps:\n      - {step}\n"
        ),
    );
    let reports = [
        "json=r.json",
        "ndjson=r.ndjson",
        "junit=r.xml",
        "html=r.html",
        "markdown=r.md",
        "tap=r.tap",
        "ctrf=r.ctrf.json",
        "allure=allure",
        "github=r.github",
    ];
    let mut args = vec!["run", "t.aei.yaml", "--quiet"];
    args.extend(reports.iter().flat_map(|report| ["--report", report]));
    let peak = peak_kib(&bench, &args);
    assert!(peak > 0 && peak < 60 << 10, "{peak} KiB");
    let read = |name: &str| fs::read_to_string(bench.path(name)).unwrap();
    assert_eq!(read("r.xml").matches("<testcase").count(), 10_000);
    assert_eq!(read("r.tap").matches("\nnot ok ").count(), 10);
    assert!(read("r.tap").contains("1..10000"));
    assert!(read("r.html").contains("</html>"));
    assert!(read("r.ndjson").lines().last().unwrap().contains("run_finished"));
    assert!(!read("r.md").is_empty() && !read("r.github").is_empty());
    let ctrf: serde_json::Value = serde_json::from_str(&read("r.ctrf.json")).unwrap();
    assert_eq!(ctrf["results"]["summary"]["failed"], 10);
    let allure = fs::read_dir(bench.path("allure")).unwrap();
    let results = allure.filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().ends_with("-result.json")
    });
    assert_eq!(results.count(), 10_000);
    let converted = peak_kib(&bench, &["report", "convert", "r.json", "--to", "junit=again.xml"]);
    assert!(converted < 60 << 10, "{converted} KiB");
    assert_eq!(read("again.xml").matches("<testcase").count(), 10_000);
}
