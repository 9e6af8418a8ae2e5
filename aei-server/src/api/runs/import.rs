use std::io::Cursor;

use aei_core::api::{CommandId, NodeId, Problem, Run};
use aei_core::event::RunId;
use aei_core::report::{CaseReport, CaseSource, StoredReport};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::run_of;
use crate::api::access::Writer;
use crate::api::extract::{Query, Write};
use crate::api::{ApiError, named};
use crate::command::{CaseEnd, CaseRow, CaseStart, Command, ImportRun, MeasurementRow};
use crate::ingest::role_name;
use crate::object::layout;
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(import))
}

/// What the run is called.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    /// The name of the template that ran; the report's own name when not given.
    name: Option<String>,
}

/// Keeps a run that happened elsewhere: the body is its JSON report.
#[utoipa::path(
    post,
    path = "/runs/import",
    tag = "runs",
    params(ImportQuery),
    request_body(content = String, content_type = "application/json"),
    responses(
        (status = 201, body = Run),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn import(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Query(query): Query<ImportQuery>,
    write: Write,
    body: Bytes,
) -> Result<(StatusCode, axum::Json<Run>), ApiError> {
    let id = RunId(write.id);
    let content = body.clone();
    let command = tokio::task::spawn_blocking(move || read(id, query.name.as_deref(), content))
        .await
        .map_err(|error| ApiError::internal(&error))??;
    let place = layout::report_of_run(caller.user, command.node, id);
    state.objects.put(&place, body).await?;
    state.submit(write.envelope(caller.user, Command::ImportRun(command))).await?;
    Ok((StatusCode::CREATED, axum::Json(run_of(&state, caller.user, id).await?)))
}

/// Reads the report. The machine it ran on is no node: it gets an id made of its name.
fn read(id: RunId, name: Option<&str>, content: Bytes) -> Result<ImportRun, ApiError> {
    let wrong = |error: aei_core::report::ReadError| {
        ApiError::unprocessable("bad-report", "this is no report").detail(error.to_string())
    };
    let mut report = StoredReport::open(Cursor::new(content)).map_err(wrong)?;
    let mut cases = Vec::new();
    let mut measurements = Vec::new();
    let each = report.each_case(&mut |case| {
        cases.push(row(case));
        measure(case, &mut measurements);
        Ok(())
    });
    each.map_err(wrong)?;
    let head = report.head();
    let node_name = head.node.get("hostname").map_or("elsewhere", String::as_str).to_owned();
    let started_at = head.started_at.timestamp_micros();
    let duration = i64::try_from(head.duration_us).unwrap_or(i64::MAX);
    Ok(ImportRun {
        id,
        command: CommandId(id.0),
        node: NodeId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, node_name.as_bytes())),
        node_name,
        template: named(name.unwrap_or(&head.name))?,
        status: head.status,
        summary: head.summary,
        started_at,
        finished_at: started_at.saturating_add(duration),
        cases,
        measurements,
    })
}

fn row(case: &CaseReport) -> CaseRow {
    CaseRow {
        index: case.case.0,
        started: Some(CaseStart {
            id: case.id.clone(),
            name: case.name.clone(),
            role: role_name(case.role).to_owned(),
            at: case.started_at.timestamp_micros(),
        }),
        ended: Some(CaseEnd {
            status: case.status,
            flaky: case.flaky,
            duration_us: case.duration_us,
            reason: case.reason.clone(),
        }),
    }
}

fn measure(case: &CaseReport, into: &mut Vec<MeasurementRow>) {
    for step in &case.steps {
        for check in &step.checks {
            let Some(found) = &check.measurement else { continue };
            // No event has a number here; the place among all measurements is as good.
            let seq = into.len() as u64;
            into.push(MeasurementRow {
                seq,
                place: 0,
                case: case.case.0,
                name: found.name.clone(),
                unit: found.unit.clone(),
                value: found.value,
                low: found.limits.low,
                high: found.limits.high,
                passed: check.passed,
                at: step.started_at.timestamp_micros(),
            });
        }
    }
}
