//! The HTML page in a real browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aei_core::report::format::Format;
use serde_json::{Value, json};

use crate::formats::written;
use crate::{sample, tools};

/// A browser window, over the WebDriver protocol.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    fn open(width: u32) -> Option<Self> {
        if tools::skipped() {
            return None;
        }
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("`chromedriver` is needed (or set AEI_SKIP_TOOLS=1): {error}")
            });
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .map(Result::unwrap)
            .find_map(|line| {
                line.rsplit_once("successfully on port ").map(|(_, port)| port.to_owned())
            })
            .unwrap();
        let port = port.trim_end_matches('.').parse().unwrap();
        let mut browser = Self { driver, port, session: String::new() };
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            format!("--window-size={width},900"),
        ];
        let answer = browser.ask(
            "POST",
            "/session",
            &json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } }),
        );
        answer["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        Some(browser)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut json = vec![0; length];
        answer.read_exact(&mut json).unwrap();
        let value: Value = serde_json::from_slice(&json).unwrap();
        assert!(value["value"]["error"].is_null(), "{path}: {value}");
        value["value"].clone()
    }

    fn go(&self, address: &str) {
        let path = format!("/session/{}/url", self.session);
        self.ask("POST", &path, &json!({ "url": address }));
    }

    /// What a function body gives.
    fn js(&self, script: &str) -> Value {
        let path = format!("/session/{}/execute/sync", self.session);
        self.ask("POST", &path, &json!({ "script": script, "args": [] }))
    }

    fn complaints(&self) -> Value {
        self.ask(
            "POST",
            &format!("/session/{}/se/log", self.session),
            &json!({ "type": "browser" }),
        )
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            self.ask("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

const TYPE: &str = "const q = document.querySelector('#q'); q.value = arguments_; q.dispatchEvent(new Event('input'));";

fn found(browser: &Browser) -> String {
    browser.js("return document.querySelector('#found').textContent").as_str().unwrap().to_owned()
}

fn put(file: &Path, text: &str) -> String {
    std::fs::write(file, text).unwrap();
    format!("file://{}", file.display())
}

#[test]
fn ten_thousand_cases_are_filtered_searched_and_opened() {
    let text = written(&mut sample::large(10_000), Format::Html);
    assert!(text.len() <= 3_000_000, "{} bytes", text.len());
    let address = put(&tools::scratch("page_large").join("report.html"), &text);
    let Some(browser) = Browser::open(1400) else { return };
    browser.go(&address);
    assert_eq!(found(&browser), "10,000 cases");
    let rows = browser.js("return document.querySelectorAll('.row').length").as_u64().unwrap();
    assert!((5..200).contains(&rows), "{rows} rows are drawn");

    browser.js("document.querySelector('.chip[data-status=failed]').click()");
    assert_eq!(found(&browser), "100 of 10,000 cases");
    assert_eq!(browser.js("return location.hash"), "#status=failed");
    browser.js("document.querySelector('#clear').click()");
    assert_eq!(found(&browser), "10,000 cases");

    browser.js(&TYPE.replace("arguments_", "'NUMBER 4321 '"));
    assert_eq!(found(&browser), "1 of 10,000 cases");
    browser.js("document.querySelector('.row button').click()");
    let shown = browser.js("return document.querySelector('.row.open').innerText");
    assert!(shown.as_str().unwrap().contains("--case case_04321"), "{shown}");
    assert!(shown.as_str().unwrap().contains("4322"), "{shown}");

    browser.js("document.querySelector('#clear').click(); const s = document.querySelector('#sort'); s.value = 'status'; s.dispatchEvent(new Event('change'));");
    let first = browser.js("return document.querySelector('.row').innerText");
    assert!(first.as_str().unwrap().starts_with("failed"), "{first}");
    browser.js("document.querySelector('#tag').value = 'smoke'; document.querySelector('#tag').dispatchEvent(new Event('change'));");
    assert_eq!(found(&browser), "3,334 of 10,000 cases");

    browser.js("document.querySelector('#clear').click(); location.hash = 'case=9057';");
    browser.go(&format!("{address}#case=9057"));
    browser.js("location.hash = ''; location.hash = 'case=9057'; return new Promise(requestAnimationFrame);");
    let focus = browser.js("return document.activeElement.closest('.row').innerText");
    assert!(focus.as_str().unwrap().contains("case_09057"), "{focus}");
    assert!(focus.as_str().unwrap().contains("did not hold"), "{focus}");
    browser.js("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))");
    let focus = browser.js("return document.activeElement.innerText");
    assert!(focus.as_str().unwrap().contains("case_09157"), "the next that failed: {focus}");
    assert_eq!(browser.complaints(), json!([]));
}

#[test]
fn everything_of_a_case_is_shown() {
    let text = written(&mut sample::small(), Format::Html);
    assert!(!text.contains("</script><b>"));
    let address = put(&tools::scratch("page_small").join("report.html"), &text);
    let Some(browser) = Browser::open(360) else { return };
    let open = |case: u32| {
        browser.go("about:blank");
        browser.go(&format!("{address}#case={case}"));
        browser.js(&format!("return document.querySelector('#case-{case}').innerText"))
    };
    for (case, parts) in [
        (
            2,
            vec![
                "did not hold",
                "\"state\": \"open\"",
                "</script><b>",
                "stderr",
                "warning: odd",
                "suites/checkout.aei.yaml:34",
                "5 attempts",
            ],
        ),
        (3, vec!["Attempt 1", "Attempt 3, the last"]),
        (4, vec!["looked in /srv/shop", "build it first"]),
        (7, vec!["the time was up after 2 s"]),
        (
            8,
            vec![
                "rail_3v3",
                "3.31 V",
                "limits ≥ 3.2, ≤ 3.4 V, not kept",
                "trace.csv",
                "--case 'rail[board=7]'",
            ],
        ),
    ] {
        let shown = open(case);
        for part in parts {
            assert!(shown.as_str().unwrap().contains(part), "{part} is not in {shown}");
        }
    }
    let picture = "const i = document.querySelector('#case-8 img'); return [i.src.slice(0, 15), document.documentElement.scrollWidth]";
    open(8);
    assert_eq!(browser.js(picture)[0], "data:image/png;");
    assert!(browser.js(picture)[1].as_u64().unwrap() <= 500, "the page is wider than the screen");
    assert_eq!(browser.complaints(), json!([]));
}

#[test]
fn without_the_script_failures_can_be_read() {
    let text = written(&mut sample::small(), Format::Html);
    let still = text.split_once("<section class=\"still failures\">").unwrap().1;
    for part in ["Formats the disk", "policy forbids", "expected true", "nothing was found", "3.47"]
    {
        assert!(still.contains(part), "{part}");
    }
    assert!(!text.contains("http://") || !text.contains("src=\"http"), "nothing comes from afar");
}
