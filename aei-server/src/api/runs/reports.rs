use std::io::{self, Write as _};

use aei_core::api::{NodeId, Problem};
use aei_core::event::{Event, RunId};
use aei_core::report::format::{Format, Options, write};
use aei_core::report::{CaseSource, Report, StoredReport};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::owned;
use crate::api::ApiError;
use crate::api::access::Reader;
use crate::api::extract::Path;
use crate::object::{ObjectError, layout};
use crate::state::AppState;
use crate::store::{events, runs};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(report)).routes(routes!(artifact))
}

/// A node's report of a run, in any format: `json`, `ndjson`, `junit.xml`, `html`, `md`, `tap`,
/// `ctrf.json`, `github.txt`. While the node is at work, what there is so far.
#[utoipa::path(
    get,
    path = "/runs/{id}/reports/{file}",
    tag = "runs",
    params(
        ("id" = RunId, Path, description = "The run."),
        ("file" = String, Path, description = "The node's id, a dot, and the format."),
    ),
    responses(
        (status = 200, content(
            (String = "application/json"),
            (String = "application/x-ndjson"),
            (String = "application/xml"),
            (String = "text/html"),
            (String = "text/markdown"),
            (String = "text/plain"),
        )),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn report(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path((id, file)): Path<(RunId, String)>,
) -> Result<Response, ApiError> {
    let (node, ending) = file.split_once('.').ok_or_else(|| ApiError::not_found("report"))?;
    let node: NodeId = node.parse().map_err(|_| ApiError::not_found("report"))?;
    let (format, media_type) = format_of(ending).ok_or_else(|| {
        ApiError::not_found("format")
            .detail("there are json, ndjson, junit.xml, html, md, tap, ctrf.json and github.txt")
    })?;
    let mut db = state.read().await?;
    owned(&mut db, caller.user, id).await?;
    drop(db);
    let place = layout::report_of_run(caller.user, node, id);
    if format == Format::Json
        && let Ok((size, content)) = state.objects.stream(&place).await
    {
        let headers = [(header::CONTENT_TYPE, media_type.to_owned())];
        let length = [(header::CONTENT_LENGTH, size.to_string())];
        return Ok((headers, length, Body::from_stream(content)).into_response());
    }
    let source: Box<dyn CaseSource + Send> = match state.objects.get(&place).await {
        Ok(content) => {
            let stored = StoredReport::open(io::Cursor::new(content));
            Box::new(stored.map_err(|error| ApiError::internal(&error))?)
        }
        Err(ObjectError::Missing(_)) => Box::new(so_far(&state, id, node).await?),
        Err(error) => return Err(error.into()),
    };
    Ok(([(header::CONTENT_TYPE, media_type)], written(format, source)).into_response())
}

fn format_of(ending: &str) -> Option<(Format, &'static str)> {
    Some(match ending {
        "json" => (Format::Json, "application/json"),
        "ndjson" => (Format::Ndjson, "application/x-ndjson"),
        "junit.xml" | "junit" | "xml" => (Format::Junit, "application/xml"),
        "html" => (Format::Html, "text/html; charset=utf-8"),
        "md" | "markdown" => (Format::Markdown, "text/markdown; charset=utf-8"),
        "tap" => (Format::Tap, "text/plain; charset=utf-8"),
        "ctrf.json" | "ctrf" => (Format::Ctrf, "application/json"),
        "github.txt" | "github" => (Format::Github, "text/plain; charset=utf-8"),
        _ => return None,
    })
}

/// The report of the events that have come.
async fn so_far(state: &AppState, run: RunId, node: NodeId) -> Result<Report, ApiError> {
    let mut db = state.read().await?;
    let parts = runs::parts(&mut db, run).await?;
    let part = parts.iter().rev().find(|part| part.node_id == node);
    let command = part.ok_or_else(|| ApiError::not_found("node in this run"))?.command;
    let mut found: Vec<Event> = Vec::new();
    let mut from = 0;
    loop {
        let rows = events::after(&mut db, command, from, 64).await?;
        let Some(last) = rows.last() else { break };
        from = last.next_seq;
        for line in rows.iter().flat_map(|row| row.body.lines()) {
            found.push(serde_json::from_str(line).map_err(|error| ApiError::internal(&error))?);
        }
    }
    Report::from_events(&found)
        .ok_or_else(|| ApiError::not_found("report").detail("the node has not told anything yet"))
}

/// How many pieces of a report may wait for a slow reader.
const PIECES: usize = 8;
/// The size of a piece.
const PIECE: usize = 64 << 10;

/// Writes a report on a thread of its own, at the pace of who reads it.
fn written(format: Format, mut source: Box<dyn CaseSource + Send>) -> Body {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(PIECES);
    tokio::task::spawn_blocking(move || {
        let mut out = io::BufWriter::with_capacity(PIECE, Pieces(sender.clone()));
        let done = write(format, source.as_mut(), &mut out, &Options::default())
            .map_err(io::Error::other)
            .and_then(|()| out.flush());
        if let Err(error) = done {
            // The reader sees a body that breaks off, not one that looks whole.
            let _ = sender.blocking_send(Err(error));
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Pieces {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(piece)));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that a step left.
#[utoipa::path(
    get,
    path = "/runs/{id}/artifacts/{node}/{path}",
    tag = "runs",
    params(
        ("id" = RunId, Path, description = "The run."),
        ("node" = NodeId, Path, description = "The node."),
        ("path" = String, Path, description = "Its path in the folder of the run."),
    ),
    responses(
        (status = 200, content((Vec<u8> = "application/octet-stream"))),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn artifact(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path((id, node, path)): Path<(RunId, NodeId, String)>,
) -> Result<Response, ApiError> {
    let mut db = state.read().await?;
    owned(&mut db, caller.user, id).await?;
    let parts = runs::parts(&mut db, id).await?;
    let own = parts.iter().rev().filter(|part| part.node_id == node);
    for command in own.map(|part| part.command) {
        let Some(media_type) = events::artifact(&mut db, command, &path).await? else { continue };
        let place = layout::artifact(caller.user, node, (id, command), &path)
            .map_err(|_| ApiError::not_found("artifact"))?;
        let (size, content) = state.objects.stream(&place).await?;
        // What a node says of a file must not make this server's own page of it.
        let headers = [
            (header::CONTENT_TYPE, media_type),
            (header::CONTENT_LENGTH, size.to_string()),
            (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        ];
        return Ok((headers, Body::from_stream(content)).into_response());
    }
    Err(ApiError::not_found("artifact"))
}
