use super::documents::At;
use super::parameter::{self, Parameter};
use super::template::Context;
use super::{body, response, security, servers, words};
use crate::generate::document::{DraftCase, DraftStep, literal_text};
use crate::generate::request::Request;

/// An operation and where it stands.
pub(super) struct Operation<'a> {
    pub(super) method: String,
    pub(super) path: &'a str,
    pub(super) item: At<'a>,
    pub(super) at: At<'a>,
}

/// Headers that other parts of a description tell of; as parameters they are to be ignored.
const TOLD_ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

/// The case of an operation.
pub(super) fn case(context: &mut Context<'_>, operation: &Operation<'_>) -> DraftCase {
    let title = format!("{} {}", operation.method, operation.path);
    context.notes.enter(title.clone());
    let at = operation.at;
    let summary = at.text("summary").map(str::trim).filter(|summary| !summary.is_empty());
    let mut tags: Vec<String> = Vec::new();
    for tag in at.get("tags").into_iter().flat_map(At::items) {
        tags.extend(tag.value.as_str().map(str::to_owned));
    }
    if at.flag("deprecated") {
        tags.push("deprecated".to_owned());
    }
    let mut comment = String::new();
    let step = step(context, operation, &mut comment);
    told_not_done(context, at);
    let id = at.text("operationId").unwrap_or(&title);
    DraftCase {
        comment,
        id: context.ids.unique(id, "operation"),
        name: literal_text(&summary.map_or(title.clone(), |summary| {
            format!("{title} — {}", summary.split_whitespace().collect::<Vec<_>>().join(" "))
        })),
        tags,
        steps: vec![step],
        ..DraftCase::default()
    }
}

fn step(context: &mut Context<'_>, operation: &Operation<'_>, comment: &mut String) -> DraftStep {
    let at = operation.at;
    let mut request = Request { method: operation.method.clone(), ..Request::default() };
    let all = parameter::all(context, operation.item, at);
    let mut path = operation.path.to_owned();
    let mut optional: Vec<String> = Vec::new();
    for parameter in all.iter().filter_map(|at| Parameter::new(*at)) {
        let hole = format!("{{{}}}", parameter.name);
        match parameter.place {
            "path" if path.contains(&hole) => {
                path = path.replace(&hole, &parameter.in_path(&parameter.value()));
            }
            "path" => context.notes.add(format!("the path has no `{hole}`")),
            "header" if TOLD_ELSEWHERE.contains(&parameter.name.to_ascii_lowercase().as_str()) => {}
            "query" | "header" | "cookie" => {
                if parameter.required() || parameter.given().is_some() {
                    parameter.apply(&mut request);
                } else {
                    optional.push(format!("`{}` ({})", parameter.name, parameter.place));
                }
            }
            "body" | "formData" => {}
            other => context
                .notes
                .add(format!("the parameter `{}` in `{other}` is not sent", parameter.name)),
        }
    }
    let path = undeclared(&mut context.notes, &path);
    request.url = full_url(context, operation, &path);
    if !optional.is_empty() {
        *comment = format!("Optional and not sent: {}", optional.join(", "));
    }
    body::apply(context, at, &all, &mut request);
    security::apply(context, at, &mut request);
    let expect = response::apply(context, &operation.method, at, &mut request);
    DraftStep { uses: "http", with: request.into_with(), expect, ..DraftStep::default() }
}

/// Fills what is left of a path that has holes nobody declares.
fn undeclared(notes: &mut crate::generate::note::Notes, path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(words::for_name(name));
        notes.add(format!("`{{{name}}}` of the path is not declared as a parameter"));
        rest = after;
    }
    out.push_str(rest);
    literal_text(&out)
}

/// The path, or a full address where the operation has a server of its own.
fn full_url(context: &mut Context<'_>, operation: &Operation<'_>, path: &str) -> String {
    let own = [operation.at, operation.item]
        .into_iter()
        .find_map(|holder| holder.get("servers").and_then(|servers| servers.items().next()));
    let Some(url) = own.and_then(|server| servers::filled(context, server)) else {
        return path.to_owned();
    };
    context.notes.enter(format!("{} {}", operation.method, operation.path));
    if !url.contains("://") {
        context.notes.add(format!("its own server `{url}` is taken as a prefix of the path"));
    }
    format!("{}{path}", literal_text(url.trim_end_matches('/')))
}

/// Parts of an operation that no test is made of.
fn told_not_done(context: &mut Context<'_>, at: At<'_>) {
    let callbacks: Vec<String> = at
        .get("callbacks")
        .into_iter()
        .flat_map(At::entries)
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in callbacks {
        context.notes.add(format!(
            "the callback `{name}` is a request that the service makes; it is not expected"
        ));
    }
    for (status, response) in at.get("responses").into_iter().flat_map(At::entries) {
        for (name, _) in response.find("links").into_iter().flat_map(At::entries) {
            context.notes.add(format!("the link `{name}` of response {status} is not followed"));
        }
    }
}
