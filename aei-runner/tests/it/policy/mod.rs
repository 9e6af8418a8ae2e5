//! Templates that try to get round a node's policy.

mod files;
mod hosts;
mod programs;
mod trust;
mod whole;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aei_core::event::Status;
use aei_core::host::Host;
use aei_core::load::LoadError;
use aei_core::policy::Policy;
use aei_core::report::{Report, StepReport};
use aei_runner::{CancelToken, Engine, LocalHost, Plan, PlanError, Run, RunFolder, RunOptions};

use crate::engine::collect;

/// A machine with a policy, a template in a folder `t`, and a secret in a folder `secret`.
struct Node {
    folder: tempfile::TempDir,
    policy: Arc<Policy>,
    options: RunOptions,
}

/// What most tests allow besides what they are about.
const BASE: &str = "[kinds]\nallow = [\"*\"]\n";

impl Node {
    /// A policy that allows all kinds.
    fn new(policy: &str) -> Self {
        Self::with(&format!("{BASE}{policy}"))
    }

    fn with(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().canonicalize().unwrap();
        for name in ["t", "secret", "open"] {
            std::fs::create_dir(place.join(name)).unwrap();
        }
        std::fs::write(place.join("secret/key.txt"), "hush").unwrap();
        std::fs::write(place.join("open/note.txt"), "hello").unwrap();
        let policy = Policy::parse(&place.join("policy.toml"), policy.into());
        let policy = Arc::new(policy.unwrap_or_else(|error| panic!("{error}")));
        let options =
            RunOptions { jobs: 2, policy: Some(Arc::clone(&policy)), ..RunOptions::default() };
        Self { folder, policy, options }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn load(&self, template: &str) -> Result<Plan, String> {
        self.write("t/t.aei.yaml", &format!("aei: 1\n{template}"));
        self.load_stored()
    }

    fn load_stored(&self) -> Result<Plan, String> {
        let host: Arc<dyn Host> = Arc::new(LocalHost);
        let registry = aei_runner::registry();
        let path = self.path("t/t.aei.yaml");
        let (suite, _) = aei_runner::guard::load(&path, &registry, &host, &self.policy)
            .map_err(|error: LoadError| error.to_string())?;
        Plan::new(vec![suite], self.options.clone(), &host)
            .map_err(|error: PlanError| error.to_string())
    }

    fn run(&self, template: &str) -> Report {
        self.run_plan(self.load(template).unwrap_or_else(|error| panic!("{error}")))
    }

    fn run_plan(&self, plan: Plan) -> Report {
        let host: Arc<dyn Host> = Arc::new(LocalHost);
        let folder = RunFolder::create(&self.path("runs"), host.as_ref()).unwrap();
        let run = Run { plan, folder: Some(folder), sinks: Vec::new(), cancel: CancelToken::new() };
        let mut outcome = Engine::new(aei_runner::registry(), host).run(run).unwrap();
        collect(outcome.report.as_mut())
    }

    /// Runs one step, written as in a list of steps.
    fn step(&self, step: &str) -> StepReport {
        let report = self.run(&format!("cases:\n  - id: a\n    steps:\n      - {step}\n"));
        report.cases[0].steps[0].clone()
    }

    /// What a step says that is refused.
    fn refused(&self, step: &str) -> String {
        let step = self.step(step);
        let said = step.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default();
        assert_eq!(step.status, Status::Refused, "{said} {:?}", step.outcome);
        said.replace(&self.path("").display().to_string(), "/")
    }

    /// A step that must pass.
    fn passes(&self, step: &str) {
        let step = self.step(step);
        assert_eq!(step.status, Status::Passed, "{:?} {:?}", step.failure, step.checks);
    }
}

/// A web server on a free port of this machine, and how many have connected to it.
fn site(answer: impl Fn(&str) -> String + Send + 'static) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    std::thread::spawn(move || {
        while let Ok((mut tcp, _)) = listener.accept() {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match tcp.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(length) => request.extend_from_slice(&buffer[..length]),
                }
            }
            let line = String::from_utf8_lossy(&request);
            let response = answer(line.lines().next().unwrap_or_default());
            let _ = tcp.write_all(response.as_bytes());
        }
    });
    (address, count)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
