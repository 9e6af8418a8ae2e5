//! Reports to write: a small one with one of everything, and large ones.

use aei_core::event::{
    Artifact, CaseIndex, CaseRole, CheckResult, Failure, Limits, Location, Measurement, Phase,
    RunId, Status, StepIndex, Summary,
};
use aei_core::report::{
    Attempt, CaseReport, OutputText, Report, ReportHead, StepReport, SuiteReport,
};
use aei_core::runner::OutputStream;
use aei_core::template::Operator;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

fn start() -> DateTime<Utc> {
    "2026-11-24T09:30:00Z".parse().unwrap()
}

fn at(ms: i64) -> DateTime<Utc> {
    start() + TimeDelta::milliseconds(ms)
}

fn place(line: u32) -> Location {
    Location { file: "suites/checkout.aei.yaml".to_owned(), line, column: 7 }
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn check(that: &str, operator: Operator, expected: Value, actual: Option<Value>) -> CheckResult {
    CheckResult {
        that: that.to_owned(),
        operator,
        passed: true,
        name: None,
        expected,
        actual,
        message: None,
        diff: None,
        measurement: None,
        location: None,
    }
}

fn failed(mut check: CheckResult, message: &str, line: u32) -> CheckResult {
    check.passed = false;
    check.message = Some(message.to_owned());
    check.location = Some(place(line));
    check
}

fn step(name: &str, uses: &str, status: Status, ms: i64) -> StepReport {
    StepReport {
        phase: Phase::Steps,
        id: None,
        name: name.to_owned(),
        uses: uses.to_owned(),
        location: Some(place(20)),
        status,
        started_at: at(ms),
        duration_us: 12_345,
        attempts: 1,
        checks: Vec::new(),
        failure: None,
        outcome: Value::Null,
        captured: Map::new(),
        output: Vec::new(),
        artifacts: Vec::new(),
    }
}

fn case(index: u32, suite: u32, id: &str, name: &str, status: Status) -> CaseReport {
    CaseReport {
        case: CaseIndex(index),
        suite,
        id: id.to_owned(),
        name: name.to_owned(),
        role: CaseRole::Case,
        tags: Vec::new(),
        matrix: Map::new(),
        location: Some(place(10 + index)),
        status,
        flaky: false,
        reason: None,
        started_at: at(i64::from(index) * 40),
        duration_us: 12_345 * u64::from(index + 1),
        steps: Vec::new(),
        earlier: Vec::new(),
    }
}

fn output(stream: OutputStream, text: &str) -> OutputText {
    OutputText { stream, text: text.to_owned() }
}

fn head(name: &str, suites: Vec<SuiteReport>) -> ReportHead {
    ReportHead {
        version: 1,
        aei: "0.1.0".to_owned(),
        run_id: RunId(uuid::Uuid::from_u128(0x0192_f000_0000_7000_8000_0000_0000_0001)),
        name: name.to_owned(),
        status: Status::Passed,
        complete: true,
        reason: None,
        started_at: start(),
        duration_us: 4_200_000,
        summary: Summary::default(),
        jobs: 4,
        seed: None,
        node: [
            ("os".to_owned(), "linux".to_owned()),
            ("hostname".to_owned(), "bench-2".to_owned()),
        ]
        .into(),
        suites,
    }
}

fn suite(name: &str, file: &str) -> SuiteReport {
    SuiteReport {
        name: name.to_owned(),
        file: file.to_owned(),
        description: Some(format!("What {name} must do.")),
        labels: [("team".to_owned(), "payments".to_owned())].into(),
        inputs: map(json!({ "base_url": "http://127.0.0.1:8080", "token": "***" })),
        summary: Summary::default(),
        duration_us: 0,
    }
}

/// Counts the cases as the engine would.
pub(crate) fn counted(mut head: ReportHead, cases: Vec<CaseReport>) -> Report {
    for case in &cases {
        if case.role == CaseRole::Case {
            head.summary.total += 1;
            head.suites[case.suite as usize].summary.total += 1;
        }
        head.count(case);
    }
    head.status = head.summary.status();
    Report { head, cases }
}

/// A report with one of everything that a format must cope with.
pub(crate) fn small() -> Report {
    let suites = vec![
        suite("checkout", "suites/checkout.aei.yaml"),
        suite("Power <rail> & \"limits\"", "suites/power.aei.yaml"),
    ];
    let mut seed = case(0, 0, "setup", "setup", Status::Passed);
    seed.role = CaseRole::Setup;
    seed.steps.push(step("./seed-db", "shell", Status::Passed, 0));
    let cases = vec![
        seed,
        passed_login(),
        failed_payment(),
        flaky_search(),
        errored_export(),
        skipped_refund(),
        case(6, 0, "slow", "Takes its time", Status::Cancelled),
        timed_out_report(),
        measured_rail(),
        refused_format(),
    ];
    counted(head("nightly", suites), cases)
}

fn passed_login() -> CaseReport {
    let mut login = case(1, 0, "login[user=ann]", "User ann logs in", Status::Passed);
    login.tags = vec!["smoke".to_owned(), "auth".to_owned()];
    login.matrix = map(json!({ "user": "ann" }));
    let mut post = step("POST /login", "http", Status::Passed, 42);
    post.checks = vec![
        check("status", Operator::Equals, json!(200), Some(json!(200))),
        check("json.token", Operator::Matches, json!("^[a-f0-9]{32}$"), Some(json!("***"))),
        check("duration_ms", Operator::Lt, json!(200), Some(json!(12.3))),
    ];
    post.captured = map(json!({ "token": "***" }));
    post.outcome = json!({ "status": 200, "json": { "token": "***" } });
    login.steps.push(post);
    login
}

fn failed_payment() -> CaseReport {
    let mut pay = case(2, 0, "pay", "Pays # with 100 % | a `card`, twice: ok?", Status::Failed);
    pay.tags = vec!["smoke".to_owned()];
    let mut post = step("POST /orders › 新しい注文", "http", Status::Failed, 90);
    post.location = Some(place(31));
    post.attempts = 5;
    let mut body = failed(
        check(
            "json",
            Operator::Equals,
            json!({ "state": "paid", "total": 30, "lines": ["a", "b"] }),
            Some(json!({ "state": "open", "total": 30, "lines": ["a"] })),
        ),
        "`json` is not what was expected: 2 entries differ",
        34,
    );
    body.diff = Some(
        " {\n-  \"state\": \"paid\",\n+  \"state\": \"open\",\n   \"total\": 30,\n   \"lines\": [\n-    \"a\",\n-    \"b\"\n+    \"a\"\n   ]\n }"
            .to_owned(),
    );
    let mut missing =
        failed(check("json.id", Operator::Exists, json!(true), None), "nothing was found", 35);
    missing.name = Some("order id".to_owned());
    post.checks = vec![
        check("status", Operator::Equals, json!(200), Some(json!(200))),
        body,
        missing,
        failed(
            check(
                "text",
                Operator::Contains,
                json!("</script><b>"),
                Some(json!("a\u{1}b\u{1b}[31mred\u{1b}[0m ]]> --> ")),
            ),
            "`text` does not hold `</script><b>`",
            36,
        ),
    ];
    post.outcome = json!({ "status": 200, "json": { "state": "open", "total": 30, "lines": ["a"] },
        "headers": { "content-type": "application/json" } });
    post.output = vec![
        output(OutputStream::Log, "→ POST http://127.0.0.1:8080/orders\n← 200 OK\n"),
        output(
            OutputStream::Stdout,
            "first line\n\u{1b}[31mcontrol\u{1b}[0m \u{0}and <tags> & ]]>\n",
        ),
        output(OutputStream::Stderr, "warning: odd\r\n"),
    ];
    pay.steps = vec![step("GET /cart", "http", Status::Passed, 80), post, {
        let mut after = step("GET /orders", "http", Status::Skipped, 95);
        after.attempts = 0;
        after.failure = Some(Failure {
            message: "a step before it did not pass".to_owned(),
            help: None,
            location: None,
        });
        after
    }];
    pay
}

fn flaky_search() -> CaseReport {
    let mut search = case(3, 0, "search", "Search finds things", Status::Passed);
    search.flaky = true;
    search.started_at = at(130);
    let mut bad = step("GET /search", "http", Status::Failed, 120);
    bad.checks = vec![failed(
        check("status", Operator::Equals, json!(200), Some(json!(503))),
        "`status` is 503, not 200",
        44,
    )];
    bad.output = vec![output(OutputStream::Stdout, "busy\n")];
    let mut worse = step("GET /search", "http", Status::Errored, 125);
    worse.failure = Some(Failure {
        message: "connection refused".to_owned(),
        help: Some("is the service running?".to_owned()),
        location: None,
    });
    search.earlier = vec![
        Attempt {
            status: Status::Failed,
            reason: None,
            started_at: at(120),
            duration_us: 4_000,
            steps: vec![bad],
        },
        Attempt {
            status: Status::Errored,
            reason: None,
            started_at: at(125),
            duration_us: 3_000,
            steps: vec![worse],
        },
    ];
    search.steps.push(step("GET /search", "http", Status::Passed, 130));
    search
}

fn errored_export() -> CaseReport {
    let mut export = case(4, 0, "export", "Exports a file", Status::Errored);
    let mut first = step("./export", "shell", Status::Failed, 160);
    first.checks = vec![failed(
        check("exit_code", Operator::Equals, json!(0), Some(json!(1))),
        "`exit_code` is 1, not 0",
        51,
    )];
    export.earlier = vec![Attempt {
        status: Status::Failed,
        reason: None,
        started_at: at(150),
        duration_us: 5_000,
        steps: vec![first],
    }];
    let mut run = step("./export", "shell", Status::Errored, 165);
    run.failure = Some(Failure {
        message: "cannot start `./export`: no such file\nlooked in /srv/shop".to_owned(),
        help: Some("build it first".to_owned()),
        location: Some(place(52)),
    });
    export.steps.push(run);
    export
}

fn skipped_refund() -> CaseReport {
    let mut refund = case(5, 0, "refund", "Refunds", Status::Skipped);
    refund.reason = Some("`pay` did not pass".to_owned());
    refund.duration_us = 0;
    refund
}

fn timed_out_report() -> CaseReport {
    let mut report = case(7, 1, "report", "Makes a report", Status::TimedOut);
    report.reason = Some("the time was up after 2 s".to_owned());
    report.started_at = at(2_000);
    report.duration_us = 2_000_000;
    let mut wait = step("wait", "wait", Status::TimedOut, 2_000);
    wait.duration_us = 2_000_000;
    report.steps.push(wait);
    report
}

/// One pixel, red.
pub(crate) const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53,
    0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0x00,
    0x00, 0x03, 0x01, 0x01, 0x00, 0xc9, 0xfe, 0x92, 0xef, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

fn measured_rail() -> CaseReport {
    let mut rail = case(8, 1, "rail[board=7]", "3.3 V rail keeps its limits", Status::Failed);
    rail.tags = vec!["hardware".to_owned()];
    rail.matrix = map(json!({ "board": 7 }));
    let mut measure = step("measure", "shell", Status::Failed, 300);
    let limits = Limits { low: Some(3.2), high: Some(3.4) };
    let mut good =
        check("stdout_json.rail", Operator::Between, json!([3.2, 3.4]), Some(json!(3.31)));
    let measurement = |name: &str, value| Measurement {
        name: name.to_owned(),
        value: Some(value),
        unit: Some("V".to_owned()),
        limits,
    };
    good.measurement = Some(measurement("rail_3v3", 3.31));
    let mut bad = failed(
        check("stdout_json.ripple", Operator::Between, json!([3.2, 3.4]), Some(json!(3.47))),
        "`stdout_json.ripple` is 3.47, above 3.4",
        61,
    );
    bad.measurement = Some(measurement("rail_peak", 3.47));
    measure.checks = vec![good, bad];
    measure.artifacts = vec![
        Artifact {
            case: CaseIndex(8),
            step: StepIndex(0),
            name: "scope.png".to_owned(),
            media_type: "image/png".to_owned(),
            path: "artifacts/8/scope.png".to_owned(),
            size: PIXEL.len() as u64,
            sha256: "0".repeat(64),
        },
        Artifact {
            case: CaseIndex(8),
            step: StepIndex(0),
            name: "trace.csv".to_owned(),
            media_type: "text/csv".to_owned(),
            path: "artifacts/8/trace.csv".to_owned(),
            size: 1_234_567,
            sha256: "1".repeat(64),
        },
    ];
    rail.steps.push(measure);
    rail
}

fn refused_format() -> CaseReport {
    let mut format = case(9, 1, "format", "Formats the disk", Status::Refused);
    let mut mkfs = step("mkfs /dev/sda", "shell", Status::Refused, 400);
    mkfs.failure = Some(Failure {
        message: "the node's policy forbids `mkfs`".to_owned(),
        help: Some("rule `programs` of policy.toml".to_owned()),
        location: None,
    });
    format.steps.push(mkfs);
    format
}

/// Cases of one `assert` step with three checks; every hundredth fails.
pub(crate) fn large(cases: u32) -> Report {
    let suites = vec![suite("arithmetic", "suites/arithmetic.aei.yaml")];
    let mut lanes = [0_i64; 4];
    let make = |index| {
        let ok = index % 100 != 57;
        let status = if ok { Status::Passed } else { Status::Failed };
        let id = format!("case_{index:05}");
        let mut case = case(index, 0, &id, &format!("Sum number {index} is right"), status);
        if index % 3 == 0 {
            case.tags = vec!["smoke".to_owned()];
        }
        let lane = &mut lanes[index as usize % 4];
        let us = 300 + i64::from(index.wrapping_mul(2_654_435_761) % 4_000);
        case.started_at = start() + TimeDelta::microseconds(*lane);
        case.duration_us = us.unsigned_abs();
        *lane += us + 30;
        let mut assert = step("assert", "assert", status, 0);
        assert.started_at = case.started_at;
        assert.duration_us = case.duration_us - 20;
        assert.outcome = json!({ "sum": index + 1, "text": "abc", "list": [1, 2, 3] });
        let mut sum = check("sum", Operator::Equals, json!(index + 1), Some(json!(index + 1)));
        if !ok {
            sum = failed(sum, "`sum` is not what was expected", 14);
            sum.actual = Some(json!(index));
        }
        assert.checks = vec![
            sum,
            check("text", Operator::Contains, json!("b"), Some(json!("abc"))),
            check("list", Operator::Length, json!(3), Some(json!([1, 2, 3]))),
        ];
        case.steps.push(assert);
        case
    };
    let cases: Vec<CaseReport> = (0..cases).map(make).collect();
    let mut head = head("arithmetic", suites);
    head.duration_us = lanes.into_iter().max().unwrap_or(0).unsigned_abs();
    counted(head, cases)
}
