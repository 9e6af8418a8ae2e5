use std::path::Path;
use std::time::Duration;

use aei_core::api::{NDJSON, NewRun, NodeId, Run, RunCase};
use aei_core::event::{Event, RunId};
use futures_util::stream::{self, Stream, TryStreamExt};

use crate::http::sse::{Incoming, events};
use crate::http::{Client, ClientError, Content, Download, Pages};

/// How a node's report is to be written: a name and what stands after the dot in a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportFile(&'static str);

impl ReportFile {
    /// Everything, to be read by programs.
    pub const JSON: Self = Self("json");
    /// The events.
    pub const NDJSON: Self = Self("ndjson");
    /// JUnit XML.
    pub const JUNIT: Self = Self("junit.xml");
    /// One page with everything.
    pub const HTML: Self = Self("html");
    /// A summary in Markdown.
    pub const MARKDOWN: Self = Self("md");
    /// TAP 14.
    pub const TAP: Self = Self("tap");
    /// CTRF.
    pub const CTRF: Self = Self("ctrf.json");

    /// What stands after the dot.
    pub const fn extension(self) -> &'static str {
        self.0
    }
}

/// The events of a run, one after the other.
pub type RunEvents = std::pin::Pin<Box<dyn Stream<Item = Result<Event, ClientError>> + Send>>;

/// The server sends at least a comment every 15 s.
const SILENCE: Duration = Duration::from_secs(45);

impl Client {
    /// Begins a run (`POST runs`).
    pub async fn create_run(&self, run: &NewRun) -> Result<Run, ClientError> {
        self.json(&self.post(&["runs"]).json(run)?).await
    }

    /// The runs of the account, newest first (`GET runs`), of one template if it is named.
    pub fn runs(&self, template: Option<&str>) -> Pages<Run> {
        Pages::new(self, &["runs"]).query("template", template.map(str::to_owned))
    }

    /// One run with all its nodes (`GET runs/{id}`).
    pub async fn run(&self, id: RunId) -> Result<Run, ClientError> {
        self.json(&self.get(&["runs", &id.to_string()])).await
    }

    /// Deletes a run with its reports (`DELETE runs/{id}`).
    pub async fn delete_run(&self, id: RunId) -> Result<(), ClientError> {
        self.done(&self.delete(&["runs", &id.to_string()])).await
    }

    /// Cancels a run; its nodes are told, and their teardown runs (`POST runs/{id}/cancel`).
    pub async fn cancel_run(&self, id: RunId) -> Result<(), ClientError> {
        self.done(&self.post(&["runs", &id.to_string(), "cancel"])).await
    }

    /// The cases of a run on all nodes (`GET runs/{id}/cases`).
    pub fn run_cases(&self, id: RunId) -> Pages<RunCase> {
        Pages::new(self, &["runs", &id.to_string(), "cases"])
    }

    /// The events that a node has sent so far (`GET runs/{id}/events`).
    pub async fn run_events(&self, id: RunId, node: NodeId) -> Result<RunEvents, ClientError> {
        let call = self.get(&["runs", &id.to_string(), "events"]).accept(NDJSON);
        let call = call.query("node", Some(&node.to_string()));
        let download = Download::new(self.clone(), self.send(&call).await?);
        let server = self.server();
        let lines = stream::try_unfold((download, Vec::new()), |(mut download, mut rest)| async {
            loop {
                if let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
                    let more = rest.split_off(end + 1);
                    return Ok(Some((rest, (download, more))));
                }
                match download.chunk().await? {
                    Some(chunk) => rest.extend_from_slice(&chunk),
                    None if rest.is_empty() => return Ok(None),
                    None => return Ok(Some((rest, (download, Vec::new())))),
                }
            }
        });
        Ok(Box::pin(lines.and_then(move |line: Vec<u8>| std::future::ready(event(&server, &line)))))
    }

    /// The events of a run as they come (`GET runs/{id}/events`, live), from all nodes or from
    /// one. The stream ends with the run.
    pub async fn watch_run(
        &self,
        id: RunId,
        node: Option<NodeId>,
    ) -> Result<RunEvents, ClientError> {
        let node = node.map(|node| node.to_string());
        let call = self.get(&["runs", &id.to_string(), "events"]).accept("text/event-stream");
        let response = self.send(&call.query("node", node.as_deref())).await?;
        let server = self.server();
        let live = events(self.clone(), response, SILENCE);
        Ok(Box::pin(live.try_filter_map(move |incoming| {
            std::future::ready(match incoming {
                Incoming::Event(sent) => event(&server, sent.data.as_bytes()).map(Some),
                Incoming::Alive => Ok(None),
            })
        })))
    }

    /// A node's report in some format (`GET runs/{id}/reports/{node}.{format}`).
    pub async fn report(
        &self,
        id: RunId,
        node: NodeId,
        format: ReportFile,
    ) -> Result<Download, ClientError> {
        let file = format!("{node}.{}", format.extension());
        let call = self.get(&["runs", &id.to_string(), "reports", &file]);
        Ok(Download::new(self.clone(), self.send(&call).await?))
    }

    /// A file that a step left, by the path that its event gives
    /// (`GET runs/{id}/artifacts/{node}/{path}`).
    pub async fn artifact(
        &self,
        id: RunId,
        node: NodeId,
        path: &str,
    ) -> Result<Download, ClientError> {
        let (id, node) = (id.to_string(), node.to_string());
        let mut segments = vec!["runs", &id, "artifacts", &node];
        segments.extend(path.split('/'));
        Ok(Download::new(self.clone(), self.send(&self.get(&segments)).await?))
    }

    /// Stores the JSON report of a run that ran elsewhere (`POST runs/import`).
    pub async fn import_run(&self, name: &str, report: &Path) -> Result<Run, ClientError> {
        let wrong = |source| ClientError::File { path: report.to_owned(), source };
        let length = tokio::fs::metadata(report).await.map_err(wrong)?.len();
        let content = Content::File { path: report.to_owned(), length };
        let call = self.post(&["runs", "import"]).query("name", Some(name));
        self.json(&call.content("application/json", content)).await
    }
}

fn event(server: &str, json: &[u8]) -> Result<Event, ClientError> {
    serde_json::from_slice(json).map_err(|error| ClientError::Answer {
        server: server.to_owned(),
        what: format!("an event cannot be read: {error}"),
    })
}
