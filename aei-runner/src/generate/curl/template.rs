use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::apply;
use super::build::{Build, Data};
use super::command::Command;
use super::shell;
use crate::generate::address::{Address, main_origin};
use crate::generate::document::{Draft, DraftCase, DraftInput, DraftStep, Slugs};
use crate::generate::marked;
use crate::generate::note::Notes;
use crate::generate::request::{Body, Request};
use crate::generate::{GenerateError, Generated, Origin, SourceFormat, read};

/// Makes a template of command lines.
pub(in crate::generate) fn template(
    content: &[u8],
    origin: &Origin,
) -> Result<Generated, GenerateError> {
    let wrong = || GenerateError::wrong(SourceFormat::Curl, &origin.name(), content);
    let text = read::text(content).ok_or_else(wrong)?;
    if text.trim_start().starts_with(['{', '<']) {
        return Err(wrong());
    }
    let mut notes = Notes::default();
    let mut commands: Vec<Command> = Vec::new();
    for line in shell::commands(&of_cmd(marked::clean(text)))? {
        // A prompt, variables for the command, `time` and the like may stand before it.
        let start = line.words.iter().position(|word| is_curl(&word.text));
        if let Some(start) = start {
            commands.extend(Command::read(&line, &line.words[start + 1..]));
        } else {
            let first = line.words.first();
            notes.enter(format!("line {}", first.map_or(1, |word| word.line)));
            notes.add(format!("`{}` is no curl command", first.map_or("", |word| &word.text)));
        }
    }
    if commands.is_empty() {
        return Err(wrong());
    }
    if commands.iter().all(|command| command.urls.is_empty()) {
        return Err(GenerateError::Nothing { what: "address to send a request to" });
    }
    Ok(written(&commands, origin, notes))
}

/// What browsers copy for `cmd.exe`, `^` before all that is special there, as another shell has it.
fn of_cmd(text: String) -> String {
    if !text.contains("curl ^\"") {
        return text;
    }
    let lines = text.replace("\r\n", "\n").replace("^\n", "\\\n");
    let mut out = String::with_capacity(lines.len());
    let mut chars = lines.chars();
    while let Some(c) = chars.next() {
        match c {
            '^' => out.extend(chars.next()),
            // Nothing in such a line is a variable.
            '$' => out.push_str("\\$"),
            c => out.push(c),
        }
    }
    out
}

fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name == "curl" || name == "curl.exe"
}

fn written(commands: &[Command], origin: &Origin, mut notes: Notes) -> Generated {
    let address = |url: &str| {
        let known =
            url.contains("://") || url.starts_with('/') || url.starts_with(&marked::mark("")[..4]);
        Address::parse(&if known { url.to_owned() } else { format!("http://{url}") })
    };
    let all: Vec<(&Command, Address)> = commands
        .iter()
        .flat_map(|command| command.urls.iter().map(move |url| (command, url)))
        .map(|(command, url)| (command, address(url)))
        .collect();
    let main =
        main_origin(all.iter().map(|(_, address)| address)).filter(|main| !marked::has_marks(main));
    let mut variables: Vec<String> = Vec::new();
    let mut steps: Vec<(String, DraftStep)> = Vec::new();
    for (command, address) in &all {
        notes.enter(format!("line {}", command.line));
        steps.push(step(command, address, main.as_deref(), &mut variables, &mut notes));
    }
    for command in commands.iter().filter(|command| command.urls.is_empty()) {
        notes.enter(format!("line {}", command.line));
        notes.add("the command has no address");
    }
    let mut inputs: Vec<DraftInput> = main
        .iter()
        .map(|main| DraftInput::text("base_url", main, "Where the service is"))
        .collect();
    inputs.extend(variables.into_iter().map(|name| DraftInput {
        secret: looks_secret(&name),
        description: Some(format!("What `${name}` was in the shell")),
        name,
        ..DraftInput::default()
    }));
    let defaults = main.map(|_| json!({ "base_url": "${{ inputs.base_url }}" }));
    let source = origin.name();
    let draft = Draft {
        heading: format!(
            "Made by `aei new` of curl commands{}.",
            if source.is_empty() { String::new() } else { format!(" in {source}") }
        ),
        name: "Requests".to_owned(),
        inputs,
        defaults: defaults.map(|http| ("http".to_owned(), http)).into_iter().collect(),
        cases: cases(commands, steps),
        ..Draft::default()
    };
    let notes = notes.finish();
    Generated { text: draft.to_yaml(&notes), notes }
}

/// A case each; one for all where a file of cookies ties the commands together.
fn cases(commands: &[Command], steps: Vec<(String, DraftStep)>) -> Vec<DraftCase> {
    let tied = steps.len() > 1 && commands.iter().any(|command| command.has("cookie-jar"));
    if tied {
        let steps = steps
            .into_iter()
            .map(|(title, step)| DraftStep { name: Some(title), ..step })
            .collect();
        let name = "The requests, one after the other".to_owned();
        return vec![DraftCase { id: "requests".to_owned(), name, steps, ..DraftCase::default() }];
    }
    let mut ids = Slugs::default();
    steps
        .into_iter()
        .map(|(title, step)| DraftCase {
            id: ids.unique(&title, "request"),
            name: title,
            steps: vec![step],
            ..DraftCase::default()
        })
        .collect()
}

/// Whether a variable's name speaks of something that must not be shown.
fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "secret", "passw", "key", "auth", "credential"].iter().any(|part| name.contains(part))
}

fn step(
    command: &Command,
    address: &Address,
    main: Option<&str>,
    variables: &mut Vec<String>,
    notes: &mut Notes,
) -> (String, DraftStep) {
    let mut build = Build::default();
    for flag in &command.flags {
        apply::apply(&mut build, flag);
    }
    if !command.has("globoff")
        && address.path.contains(['{', '['])
        && !marked::has_marks(&address.path)
    {
        build.note("curl would make several addresses of the braces or brackets; one is sent");
    }
    for name in marked::names(&format!("{}{}", address.origin, address.path_and_query()))
        .chain(command.flags.iter().flat_map(|flag| marked::names(&flag.value)))
    {
        if !variables.iter().any(|known| known == name) {
            variables.push(name.to_owned());
        }
    }
    let request = request(&mut build, address, main);
    for note in command.left_out.iter().chain(&build.notes) {
        notes.add(note.replace(|c: char| ('\u{f_5001}'..='\u{f_5002}').contains(&c), ""));
    }
    let expression = |name: &str| format!("inputs.{name}");
    let title = format!(
        "{} {}",
        request.method,
        if address.title() == "/" && address.origin.is_empty() { "/" } else { address.title() }
    );
    let title = marked::template_text(&title, &expression);
    let with = marked::template_value(&Value::Object(request.into_with()), &expression);
    let with = if let Value::Object(with) = with { with } else { Map::new() };
    let step = DraftStep {
        uses: "http",
        with,
        expect: vec![json!({ "that": "status", "lt": 400 })],
        retry: build.retry(),
        timeout: build.timeout.clone(),
        ..DraftStep::default()
    };
    (title, step)
}

/// The request, its texts still foreign.
fn request(build: &mut Build, address: &Address, main: Option<&str>) -> Request {
    let mut request = Request::default();
    let data_as_query = if build.as_query { build.text() } else { None };
    if build.as_query && data_as_query.is_none() {
        build.note("a file as a query is left out");
    }
    let mut address = address.clone();
    let more = build.query.iter().cloned().chain(data_as_query.filter(|text| !text.is_empty()));
    for text in more.collect::<Vec<_>>() {
        address.query = Some(match address.query.take() {
            Some(query) => format!("{query}&{text}"),
            None => text,
        });
    }
    let prefix = if Some(address.origin.as_str()) == main { "" } else { &address.origin };
    if let Some(pairs) = address.pairs() {
        request.url = format!("{prefix}{}", address.title());
        request.query = pairs;
    } else {
        request.url = format!(
            "{prefix}{}{}",
            address.title(),
            address.query.as_ref().map(|q| format!("?{q}")).unwrap_or_default()
        );
    }
    request.body = body(build);
    request.method = method(build, &request.body);
    let made = matches!(request.body, Body::TemplateJson(_) | Body::Form(_) | Body::Multipart(_));
    let headers = build.headers.iter().filter(|(name, value)| {
        let implied = name.eq_ignore_ascii_case("content-type")
            && (value.starts_with("application/json") && !value.contains("charset=")
                || !matches!(request.body, Body::TemplateJson(_))
                || value.contains("utf-8"));
        !(made && implied)
    });
    request.headers = headers.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    if matches!(request.body, Body::Template(_) | Body::File(_))
        && build.header("content-type").is_none()
        && build.upload.is_none()
    {
        let kind =
            if build.json { "application/json" } else { "application/x-www-form-urlencoded" };
        request.headers.push(("Content-Type".to_owned(), kind.into()));
    }
    request.cookies = std::mem::take(&mut build.cookies);
    settings(build, &mut request);
    request
}

fn method(build: &Build, body: &Body) -> String {
    if let Some(method) = &build.method {
        return method.clone();
    }
    if build.head {
        return "HEAD".to_owned();
    }
    let implied = match body {
        Body::None => "GET",
        Body::File(_) if build.upload.is_some() => "PUT",
        _ => "POST",
    };
    implied.to_owned()
}

fn body(build: &mut Build) -> Body {
    if let Some(file) = build.upload.clone() {
        return Body::File(file);
    }
    if !build.form.is_empty() {
        return Body::Multipart(std::mem::take(&mut build.form));
    }
    if build.as_query || build.data.is_empty() {
        return Body::None;
    }
    if let [Data::File(file)] = build.data.as_slice() {
        return Body::File(file.clone());
    }
    let Some(text) = build.text() else {
        build.note("of a body put together of files and texts, only the texts are sent");
        build.data.retain(|data| matches!(data, Data::Text(_)));
        return Body::Template(build.text().unwrap_or_default());
    };
    let kind = build.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if build.json || kind.contains("json") {
        if let Some(value) = marked::json(&text) {
            return Body::TemplateJson(value);
        }
    } else if (kind.is_empty() || kind.starts_with("application/x-www-form-urlencoded"))
        && let Some(fields) = fields(&text)
    {
        return Body::Form(fields);
    }
    Body::Template(text)
}

/// The fields of a form, when writing them again gives the same bytes in effect.
fn fields(text: &str) -> Option<Vec<(String, Value)>> {
    let shaped = text.split('&').all(|pair| pair.contains('=') && !pair.starts_with('='));
    if !shaped || text.contains(['\n', '{', '"', '<', ' ']) {
        return None;
    }
    let pairs = form_urlencoded::parse(text.as_bytes());
    let fields: Vec<(String, Value)> =
        pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect();
    Some(fields)
}

fn settings(build: &mut Build, request: &mut Request) {
    if let Some(auth) = build.auth() {
        request.extra.insert("auth".to_owned(), auth);
    }
    let redirects = match (build.follow, build.most_redirects) {
        // Without `-L`, curl shows the redirect itself.
        (None, _) => Value::Bool(false),
        (Some(_), Some(most)) => most.min(1000).into(),
        (Some(_), None) => Value::Null,
    };
    if !redirects.is_null() {
        request.extra.insert("redirects".to_owned(), redirects);
    }
    if !build.tls.is_empty() {
        request.extra.insert("tls".to_owned(), Value::Object(std::mem::take(&mut build.tls)));
    }
    if let Some(proxy) = build.proxy.take() {
        let (scheme, host) = proxy.split_once("://").unwrap_or(("http", &proxy));
        let user = build.proxy_user.take().map(|user| format!("{user}@")).unwrap_or_default();
        request.extra.insert("proxy".to_owned(), format!("{scheme}://{user}{host}").into());
    }
    request.extra.append(&mut build.extra);
}
