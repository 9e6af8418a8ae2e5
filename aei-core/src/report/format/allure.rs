//! A folder of results as Allure 2 and 3 read it: a file a case and attempt, a container a suite.

use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::reason::{headline_and_text, of_attempt};
use super::{Options, WriteError};
use crate::event::{CaseRole, Phase, Status};
use crate::report::{CaseReport, CaseSource, ReportHead, StepReport, SuiteReport};
use crate::runner::OutputStream;

type Put<'a> = dyn FnMut(&str, &[u8]) -> io::Result<()> + 'a;

pub(super) fn write(
    source: &mut dyn CaseSource,
    put: &mut Put<'_>,
    options: &Options<'_>,
) -> Result<(), WriteError> {
    let head = source.head().clone();
    let mut containers: Vec<Container> = head.suites.iter().map(|_| Container::default()).collect();
    let mut folder = Folder { head: &head, put, options };
    source.each_case(&mut |case| {
        let container = containers.get_mut(case.suite as usize);
        let fixture = match case.role {
            CaseRole::Case => None,
            CaseRole::Setup | CaseRole::Teardown => Some(folder.fixture(case)?),
        };
        let result = match fixture {
            Some(_) if !case.status.is_bad() => None,
            _ => Some(folder.results(case)?),
        };
        if let Some(container) = container {
            match (case.role, fixture) {
                (CaseRole::Setup, Some(fixture)) => container.befores.push(fixture),
                (CaseRole::Teardown, Some(fixture)) => container.afters.push(fixture),
                _ => {}
            }
            container.children.extend(result);
        }
        Ok(())
    })?;
    for ((index, suite), container) in (0_u32..).zip(&head.suites).zip(containers) {
        let uuid = id(&[head.run_id.0.as_bytes(), b"suite", &index.to_le_bytes()]);
        let json = json!({
            "uuid": uuid,
            "name": suite.name,
            "children": container.children,
            "befores": container.befores,
            "afters": container.afters,
        });
        folder.file(&format!("{uuid}-container.json"), &json)?;
    }
    (folder.put)("environment.properties", environment(&head).as_bytes())?;
    Ok(())
}

#[derive(Default)]
struct Container {
    children: Vec<Uuid>,
    befores: Vec<Value>,
    afters: Vec<Value>,
}

/// An identity that is the same whenever the same report is written.
fn id(parts: &[&[u8]]) -> Uuid {
    let digest = digest(parts);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// What stays the same from run to run: Allure joins attempts and history by it.
fn history(suite: Option<&SuiteReport>, case: &CaseReport) -> String {
    let file = suite.map_or("", |suite| suite.file.as_str());
    digest(&[file.as_bytes(), case.id.as_bytes()])[..16].iter().fold(
        String::new(),
        |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        },
    )
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Errored | Status::TimedOut | Status::Refused => "broken",
        Status::Skipped | Status::Cancelled => "skipped",
    }
}

struct Times {
    start: i64,
    stop: i64,
}

impl Times {
    fn of(at: chrono::DateTime<chrono::Utc>, us: u64) -> Self {
        let start = at.timestamp_millis();
        Self { start, stop: start + i64::try_from(us / 1_000).unwrap_or(0) }
    }
}

struct Folder<'a, 'b> {
    head: &'a ReportHead,
    put: &'a mut Put<'b>,
    options: &'a Options<'a>,
}

impl Folder<'_, '_> {
    fn file(&mut self, name: &str, json: &Value) -> io::Result<()> {
        (self.put)(name, &serde_json::to_vec(json)?)
    }

    /// Writes every attempt as a result of its own; the last one has the say.
    fn results(&mut self, case: &CaseReport) -> io::Result<Uuid> {
        for (number, attempt) in (0_u32..).zip(&case.earlier) {
            let times = Times::of(attempt.started_at, attempt.duration_us);
            let reason = attempt.reason.as_deref();
            self.result(case, number, attempt.status, reason, &times, &attempt.steps)?;
        }
        let number = u32::try_from(case.earlier.len()).unwrap_or(u32::MAX);
        let times = Times::of(case.started_at, case.duration_us);
        self.result(case, number, case.status, case.reason.as_deref(), &times, &case.steps)
    }

    fn result(
        &mut self,
        case: &CaseReport,
        attempt: u32,
        status: Status,
        reason: Option<&str>,
        times: &Times,
        steps: &[StepReport],
    ) -> io::Result<Uuid> {
        let index = case.case.0.to_le_bytes();
        let run = self.head.run_id.0;
        let uuid = id(&[run.as_bytes(), b"case", &index, &attempt.to_le_bytes()]);
        let suite = self.head.suites.get(case.suite as usize);
        let history = history(suite, case);
        let steps_json = self.steps(steps, uuid)?;
        let parameters: Vec<Value> = case
            .matrix
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": plain(value) }))
            .collect();
        let file = suite.map_or("", |suite| suite.file.as_str());
        let mut json = json!({
            "uuid": uuid,
            "historyId": history,
            "testCaseId": history,
            "fullName": format!("{file}#{}", case.id),
            "name": case.name,
            "status": word(status),
            "stage": "finished",
            "start": times.start,
            "stop": times.stop,
            "labels": labels(case, suite, self.head),
            "parameters": parameters,
            "steps": steps_json,
        });
        let reasons = of_attempt(status, reason, steps, case.location.as_ref());
        if !reasons.is_empty() || case.flaky {
            let (message, trace) = headline_and_text(&reasons);
            json["statusDetails"] =
                json!({ "message": message, "trace": trace, "flaky": case.flaky });
        }
        if let Some(location) = &case.location {
            json["description"] = format!("{location}").into();
        }
        self.file(&format!("{uuid}-result.json"), &json)?;
        Ok(uuid)
    }

    fn fixture(&mut self, case: &CaseReport) -> io::Result<Value> {
        let index = case.case.0.to_le_bytes();
        let uuid = id(&[self.head.run_id.0.as_bytes(), b"fixture", &index]);
        let times = Times::of(case.started_at, case.duration_us);
        Ok(json!({
            "name": case.name,
            "status": word(case.status),
            "stage": "finished",
            "start": times.start,
            "stop": times.stop,
            "steps": self.steps(&case.steps, uuid)?,
        }))
    }

    fn steps(&mut self, steps: &[StepReport], owner: Uuid) -> io::Result<Vec<Value>> {
        (0_u32..).zip(steps).map(|(number, step)| self.step(step, owner, number)).collect()
    }

    fn step(&mut self, step: &StepReport, owner: Uuid, number: u32) -> io::Result<Value> {
        let times = Times::of(step.started_at, step.duration_us);
        let phase = match step.phase {
            Phase::Setup => "setup: ",
            Phase::Steps => "",
            Phase::Teardown => "teardown: ",
        };
        let checks: Vec<Value> = step
            .checks
            .iter()
            .map(|check| {
                let line = if check.passed {
                    format!("{} {} {}", check.that, check.operator.key(), check.expected)
                } else {
                    super::reason::check_line(check)
                };
                json!({
                    "name": line,
                    "status": if check.passed { "passed" } else { "failed" },
                    "stage": "finished",
                    "start": times.stop,
                    "stop": times.stop,
                })
            })
            .collect();
        let attachments = self.attachments(step, &owner, number)?;
        let mut json = json!({
            "name": format!("{phase}{}", step.name),
            "status": word(step.status),
            "stage": "finished",
            "start": times.start,
            "stop": times.stop,
            "parameters": [{ "name": "uses", "value": step.uses }],
            "steps": checks,
            "attachments": attachments,
        });
        if let Some(failure) = &step.failure {
            json["statusDetails"] = json!({ "message": failure.message, "trace": failure.help });
        }
        Ok(json)
    }

    fn attachments(
        &mut self,
        step: &StepReport,
        owner: &Uuid,
        number: u32,
    ) -> io::Result<Vec<Value>> {
        let mut all = Vec::new();
        for (stream, name) in [
            (OutputStream::Stdout, "stdout"),
            (OutputStream::Stderr, "stderr"),
            (OutputStream::Log, "log"),
        ] {
            let pieces = step.output.iter().filter(|piece| piece.stream == stream);
            let text: String = pieces.map(|piece| piece.text.as_str()).collect();
            if !text.is_empty() {
                let source = format!("{owner}-{number}-{name}-attachment.txt");
                (self.put)(&source, text.as_bytes())?;
                all.push(json!({ "name": name, "source": source, "type": "text/plain" }));
            }
        }
        for (place, artifact) in step.artifacts.iter().enumerate() {
            let Some(bytes) = (self.options.artifact)(&artifact.path) else { continue };
            let extension =
                artifact.path.rsplit_once('.').map_or("bin", |(_, extension)| extension);
            let plain = extension.len() < 9 && extension.bytes().all(|c| c.is_ascii_alphanumeric());
            let extension = if plain { extension } else { "bin" };
            let source = format!("{owner}-{number}-{place}-attachment.{extension}");
            (self.put)(&source, &bytes)?;
            all.push(json!({
                "name": artifact.name,
                "source": source,
                "type": artifact.media_type,
            }));
        }
        Ok(all)
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn labels(case: &CaseReport, suite: Option<&SuiteReport>, head: &ReportHead) -> Vec<Value> {
    let label = |name: &str, value: &str| json!({ "name": name, "value": value });
    let mut all = vec![label("framework", "aei"), label("language", "yaml")];
    if let Some(suite) = suite {
        all.push(label("suite", &suite.name));
        all.push(label("package", &suite.file));
        all.extend(suite.labels.iter().map(|(name, value)| label(name, value)));
    }
    if let Some(host) = head.node.get("hostname") {
        all.push(label("host", host));
    }
    all.extend(case.tags.iter().map(|tag| label("tag", tag)));
    all
}

/// A Java properties file.
fn environment(head: &ReportHead) -> String {
    let mut text = String::new();
    let mut put = |name: &str, value: &str| {
        for c in format!("{name}={value}").chars() {
            match c {
                '\\' => text.push_str("\\\\"),
                c if c.is_control() => text.push(' '),
                c if c.is_ascii() => text.push(c),
                c => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(text, "\\u{unit:04x}");
                    }
                }
            }
        }
        text.push('\n');
    };
    put("aei", &head.aei);
    put("run_id", &head.run_id.to_string());
    for (name, value) in &head.node {
        let name: String = name.chars().map(|c| if " :=".contains(c) { '_' } else { c }).collect();
        put(&name, value);
    }
    text
}
