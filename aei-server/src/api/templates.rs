use aei_core::api::{
    Mistake, Page, PageQuery, Problem, SIGNATURE_HEADER, Template, TemplateFormat, TemplateVersion,
};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiError;
use super::access::{Reader, Writer};
use super::extract::{Path, Query, Write};
use super::paging::Part;
use crate::check::{Checked, check};
use crate::command::{Command, DeleteTemplate, StoreTemplate};
use crate::object::{hex, layout};
use crate::state::AppState;
use crate::store::templates::{self, VersionRow};

/// How often to try for a version number when others are faster.
const RACES: usize = 20;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(validate))
        .routes(routes!(show, upload, delete))
        .routes(routes!(content))
        .routes(routes!(versions))
        .routes(routes!(version))
        .routes(routes!(version_content))
}

/// The templates, by name.
#[utoipa::path(
    get,
    path = "/templates",
    tag = "templates",
    params(PageQuery),
    responses(
        (status = 200, body = Page<Template>),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn list(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Template>>, ApiError> {
    let part = Part::new(&query, String::new())?;
    let mut db = state.read().await?;
    let rows = templates::page(&mut db, caller.user, &part.from, part.rows()).await?;
    let rows = rows.iter().map(|row| {
        let template = row.to_template();
        (template.name.clone(), template)
    });
    Ok(axum::Json(part.page(rows.collect())))
}

/// A template with its cases and inputs.
#[utoipa::path(
    get,
    path = "/templates/{name}",
    tag = "templates",
    params(("name" = String, Path, description = "The template's name.")),
    responses(
        (status = 200, body = Template),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn show(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(name): Path<String>,
) -> Result<axum::Json<Template>, ApiError> {
    let row = find(&state, caller.user, &name, None).await?;
    let outline = row.outline()?;
    let mut template = row.to_template();
    template.cases = outline.cases;
    template.inputs = outline.inputs;
    Ok(axum::Json(template))
}

/// Stores a template: its first version, or the next one. The body is the template as it is, YAML
/// or JSON.
#[utoipa::path(
    put,
    path = "/templates/{name}",
    tag = "templates",
    params(
        ("name" = String, Path, description = "The template's name."),
        ("aei-signature" = Option<String>, Header, description = "Its detached signature."),
    ),
    request_body(content(("application/yaml"), ("application/json"))),
    responses(
        (status = 201, body = Template),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn upload(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Path(name): Path<String>,
    write: Write,
    headers: HeaderMap,
    content: Bytes,
) -> Result<(StatusCode, axum::Json<Template>), ApiError> {
    layout::template_name(&name)
        .map_err(|error| ApiError::unprocessable("bad-name", error.to_string()))?;
    let format = format_of(&headers, &content);
    let checked = check_or_problem(&state, &name, format, &content).await?;
    let sha256 = hex(ring::digest::digest(&ring::digest::SHA256, &content).as_ref());
    let signature = headers.get(SIGNATURE_HEADER).map(|value| value.to_str().map(str::to_owned));
    let signature = signature
        .transpose()
        .map_err(|_| ApiError::bad_request("bad-signature", "the signature is no plain text"))?;
    let mut next = {
        let mut db = state.read().await?;
        templates::latest(&mut db, caller.user, &name).await?.unwrap_or(0) + 1
    };
    for _ in 0..RACES {
        let place = layout::version(caller.user, &name, next, format);
        // The bytes first: a version in the database always has them. One that is there already is
        // of a faster writer, or of one whose commit never came; its number is left alone.
        if !state.objects.put_new(&place, content.clone()).await? {
            next += 1;
            continue;
        }
        let command = StoreTemplate {
            name: name.clone(),
            description: checked.description.clone(),
            format,
            sha256: sha256.clone(),
            size: content.len() as u64,
            cases: u32::try_from(checked.outline.cases.len()).unwrap_or(u32::MAX),
            signature: signature.clone(),
            outline: crate::store::text(&checked.outline),
            version: next,
        };
        match state.submit(write.envelope(caller.user, Command::StoreTemplate(command))).await {
            Ok(answer) => {
                let stored = answer["version"].as_u64().and_then(|n| u32::try_from(n).ok());
                publish(&state, caller.user, &name, format, &content).await?;
                let row = find(&state, caller.user, &name, stored).await?;
                let mut template = row.to_template();
                template.cases = checked.outline.cases;
                template.inputs = checked.outline.inputs;
                return Ok((StatusCode::CREATED, axum::Json(template)));
            }
            Err(error) if error.code() == "version-conflict" => next += 1,
            Err(error) => return Err(error),
        }
    }
    Err(ApiError::new(StatusCode::CONFLICT, "version-conflict", "others store versions faster"))
}

/// Puts the latest version where the original design has it: JSON always, YAML beside it.
async fn publish(
    state: &AppState,
    user: aei_core::api::UserId,
    name: &str,
    format: TemplateFormat,
    content: &Bytes,
) -> Result<(), ApiError> {
    state.objects.put(&layout::template(user, name, format), content.clone()).await?;
    if format == TemplateFormat::Yaml {
        let json = crate::check::as_json(name, content)
            .map_err(|reason| ApiError::unprocessable("invalid-template", reason))?;
        let place = layout::template(user, name, TemplateFormat::Json);
        state.objects.put(&place, Bytes::from(json)).await?;
    }
    Ok(())
}

/// Deletes a template with all its versions. Runs of it stay.
#[utoipa::path(
    delete,
    path = "/templates/{name}",
    tag = "templates",
    params(("name" = String, Path, description = "The template's name.")),
    responses((status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)),
    security(("session" = []), ("token" = [])),
)]
async fn delete(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Path(name): Path<String>,
    write: Write,
) -> Result<StatusCode, ApiError> {
    let command = Command::DeleteTemplate(DeleteTemplate { name: name.clone() });
    state.submit(write.envelope(caller.user, command)).await?;
    if layout::template_name(&name).is_ok() {
        state.objects.delete_below(&layout::versions(caller.user, &name)).await?;
        for format in [TemplateFormat::Json, TemplateFormat::Yaml] {
            state.objects.delete(&layout::template(caller.user, &name, format)).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The bytes of the latest version.
#[utoipa::path(
    get,
    path = "/templates/{name}/content",
    tag = "templates",
    params(("name" = String, Path, description = "The template's name.")),
    responses(
        (status = 200, body = String, content_type = "application/yaml"),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn content(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let row = find(&state, caller.user, &name, None).await?;
    bytes_of(&state, caller.user, &name, &row).await
}

/// The versions of a template, newest first.
#[utoipa::path(
    get,
    path = "/templates/{name}/versions",
    tag = "templates",
    params(("name" = String, Path, description = "The template's name."), PageQuery),
    responses(
        (status = 200, body = Page<TemplateVersion>),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn versions(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path(name): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<TemplateVersion>>, ApiError> {
    let part = Part::new(&query, i64::MAX)?;
    let mut db = state.read().await?;
    if templates::latest(&mut db, caller.user, &name).await?.is_none() {
        return Err(ApiError::not_found("template"));
    }
    let rows = templates::versions(&mut db, caller.user, &name, part.from, part.rows()).await?;
    let rows = rows.iter().map(|row| (i64::from(row.version()), row.to_version()));
    Ok(axum::Json(part.page(rows.collect())))
}

/// A version of a template.
#[utoipa::path(
    get,
    path = "/templates/{name}/versions/{version}",
    tag = "templates",
    params(
        ("name" = String, Path, description = "The template's name."),
        ("version" = u32, Path, description = "The version, from 1."),
    ),
    responses(
        (status = 200, body = TemplateVersion),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn version(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path((name, version)): Path<(String, u32)>,
) -> Result<axum::Json<TemplateVersion>, ApiError> {
    Ok(axum::Json(find(&state, caller.user, &name, Some(version)).await?.to_version()))
}

/// The bytes of a version.
#[utoipa::path(
    get,
    path = "/templates/{name}/versions/{version}/content",
    tag = "templates",
    params(
        ("name" = String, Path, description = "The template's name."),
        ("version" = u32, Path, description = "The version, from 1."),
    ),
    responses(
        (status = 200, body = String, content_type = "application/yaml"),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn version_content(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Path((name, version)): Path<(String, u32)>,
) -> Result<Response, ApiError> {
    let row = find(&state, caller.user, &name, Some(version)).await?;
    bytes_of(&state, caller.user, &name, &row).await
}

/// What a template that was checked is like.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(super) struct Validation {
    /// Whether it could be stored.
    valid: bool,
    /// What is wrong with it, or hardly meant.
    mistakes: Vec<Mistake>,
}

/// Checks a template without storing it.
#[utoipa::path(
    post,
    path = "/templates/validate",
    tag = "templates",
    request_body(content(("application/yaml"), ("application/json"))),
    responses(
        (status = 200, body = Validation),
        (status = "4XX", body = Problem),
        (status = "5XX", body = Problem),
    ),
    security(("session" = []), ("token" = [])),
)]
async fn validate(
    State(state): State<AppState>,
    _caller: Reader,
    headers: HeaderMap,
    content: Bytes,
) -> Result<axum::Json<Validation>, ApiError> {
    let format = format_of(&headers, &content);
    let validation = match check_apart(&state, "template", format, &content).await? {
        Ok(checked) => Validation { valid: true, mistakes: checked.warnings },
        Err(mistakes) => Validation { valid: false, mistakes },
    };
    Ok(axum::Json(validation))
}

/// By what the sender says, else by how it begins.
fn format_of(headers: &HeaderMap, content: &[u8]) -> TemplateFormat {
    let named = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let first = content.iter().find(|byte| !byte.is_ascii_whitespace());
    match named {
        Some(named) if named.contains("json") => TemplateFormat::Json,
        Some(named) if named.contains("yaml") => TemplateFormat::Yaml,
        _ if first == Some(&b'{') => TemplateFormat::Json,
        _ => TemplateFormat::Yaml,
    }
}

/// Checks on a thread of its own: a large template takes a while.
async fn check_apart(
    state: &AppState,
    name: &str,
    format: TemplateFormat,
    content: &Bytes,
) -> Result<Result<Checked, Vec<Mistake>>, ApiError> {
    let (registry, name, content) = (state.registry.clone(), name.to_owned(), content.clone());
    tokio::task::spawn_blocking(move || check(&name, format, &content, &registry))
        .await
        .map_err(|error| ApiError::internal(&error))
}

async fn check_or_problem(
    state: &AppState,
    name: &str,
    format: TemplateFormat,
    content: &Bytes,
) -> Result<Checked, ApiError> {
    check_apart(state, name, format, content).await?.map_err(|mistakes| {
        let count = mistakes.iter().filter(|mistake| mistake.severity == "error").count();
        let title = match count {
            1 => "the template has a mistake".to_owned(),
            count => format!("the template has {count} mistakes"),
        };
        ApiError::unprocessable("invalid-template", title).mistakes(mistakes)
    })
}

async fn find(
    state: &AppState,
    user: aei_core::api::UserId,
    name: &str,
    version: Option<u32>,
) -> Result<VersionRow, ApiError> {
    let mut db = state.read().await?;
    let row = templates::version(&mut db, user, name, version).await?;
    row.ok_or_else(|| ApiError::not_found("template"))
}

/// A version's bytes as a response, with their hash as the tag.
pub(super) async fn bytes_of(
    state: &AppState,
    user: aei_core::api::UserId,
    name: &str,
    row: &VersionRow,
) -> Result<Response, ApiError> {
    let place = layout::version(user, name, row.version(), row.format());
    let content = state.objects.get(&place).await?;
    let media_type = match row.format() {
        TemplateFormat::Json => "application/json",
        TemplateFormat::Yaml => "application/yaml",
    };
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let plain = |text: &str| HeaderValue::from_str(text).ok();
    headers.extend(plain(&format!("\"{}\"", row.sha256)).map(|tag| (header::ETAG, tag)));
    let signature = row.signature.as_deref().and_then(plain);
    headers.extend(
        signature.map(|text| (axum::http::HeaderName::from_static(SIGNATURE_HEADER), text)),
    );
    Ok(response)
}
