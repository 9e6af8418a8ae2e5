use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::entry::{Content, Entry, Response};
use super::options::Options;
use super::{assert, parser};
use crate::generate::address::{Address, main_origin};
use crate::generate::document::{Draft, DraftCase, DraftInput, DraftStep, Slugs, literal_text};
use crate::generate::marked;
use crate::generate::note::Notes;
use crate::generate::request::{Body, Request};
use crate::generate::{GenerateError, Generated, Origin, SourceFormat, read};

/// Makes a template of a Hurl file.
pub(in crate::generate) fn template(
    content: &[u8],
    origin: &Origin,
) -> Result<Generated, GenerateError> {
    let wrong = || GenerateError::wrong(SourceFormat::Hurl, &origin.name(), content);
    let text = read::text(content).ok_or_else(wrong)?;
    let entries = match parser::entries(text) {
        Ok(entries) => entries,
        Err(_)
            if SourceFormat::detect("", content)
                .is_some_and(|format| format != SourceFormat::Hurl) =>
        {
            return Err(wrong());
        }
        Err(error) => return Err(error),
    };
    if entries.is_empty() {
        return Err(GenerateError::Nothing { what: "requests" });
    }
    Ok(written(&entries, origin))
}

fn written(entries: &[Entry], origin: &Origin) -> Generated {
    let mut notes = Notes::default();
    let addresses: Vec<Address> = entries.iter().map(|entry| Address::parse(&entry.url)).collect();
    let main = main_origin(addresses.iter()).filter(|main| !marked::has_marks(main));
    let mut variables = Variables::default();
    let mut inputs: Vec<DraftInput> = Vec::new();
    if let Some(main) = &main {
        variables.names.unique_name("base_url", "base_url");
        inputs.push(DraftInput::text("base_url", main, "Where the service is"));
    }
    let steps = entries
        .iter()
        .zip(&addresses)
        .map(|(entry, address)| step(entry, address, main.as_deref(), &mut variables, &mut notes))
        .collect();
    inputs.extend(variables.inputs.into_iter().map(|(name, input)| DraftInput {
        name: input,
        description: Some(format!("`{{{{{name}}}}}` of the Hurl file")),
        ..DraftInput::default()
    }));
    let source = origin.name();
    let stem = source.rsplit('/').next().unwrap_or_default().trim_end_matches(".hurl");
    let name = if stem.is_empty() { "Requests" } else { stem };
    let defaults = main.map(|_| json!({ "base_url": "${{ inputs.base_url }}" }));
    let draft = Draft {
        heading: format!(
            "Made by `aei new` of {}.",
            if source.is_empty() { "a Hurl file" } else { &source }
        ),
        name: name.to_owned(),
        inputs,
        defaults: defaults.map(|http| ("http".to_owned(), http)).into_iter().collect(),
        cases: vec![DraftCase {
            id: Slugs::default().unique(name, "requests"),
            name: literal_text(name),
            steps,
            ..DraftCase::default()
        }],
        ..Draft::default()
    };
    let notes = notes.finish();
    Generated { text: draft.to_yaml(&notes), notes }
}

/// What `{{name}}` means so far.
#[derive(Debug, Default)]
struct Variables {
    names: Slugs,
    captured: Vec<String>,
    /// Name in the file, name of the input.
    inputs: Vec<(String, String)>,
}

impl Variables {
    /// Makes inputs of the variables in a value that nothing has captured.
    fn learn(&mut self, value: &Value) {
        for name in marked::names(&value.to_string()) {
            let known = self.captured.iter().any(|known| known == name)
                || self.inputs.iter().any(|(known, _)| known == name)
                || function(name).is_some();
            if !known {
                let input = self.names.unique_name(name, "variable");
                self.inputs.push((name.to_owned(), input));
            }
        }
    }

    fn expression(&self, name: &str) -> String {
        if self.captured.iter().any(|known| known == name) {
            return format!("vars.{}", variable_name(name));
        }
        if let Some(function) = function(name) {
            return function.to_owned();
        }
        let input = self.inputs.iter().find(|(known, _)| known == name);
        format!("inputs.{}", input.map_or("base_url", |(_, input)| input))
    }

    fn template(&mut self, value: &Value) -> Value {
        self.learn(value);
        marked::template_value(value, &|name| self.expression(name))
    }
}

/// Functions of Hurl.
fn function(name: &str) -> Option<&'static str> {
    match name {
        "newUuid" => Some("uuid()"),
        "newDate" => Some("now()"),
        _ => None,
    }
}

/// A captured name as expressions can read it.
fn variable_name(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

fn step(
    entry: &Entry,
    address: &Address,
    main: Option<&str>,
    variables: &mut Variables,
    notes: &mut Notes,
) -> DraftStep {
    let mut request = Request { method: entry.method.clone(), ..Request::default() };
    let prefix = if Some(address.origin.as_str()) == main { "" } else { &address.origin };
    if let Some(pairs) = address.pairs() {
        request.url = format!("{prefix}{}", address.title());
        request.query = pairs;
    } else {
        request.url = format!("{prefix}{}", address.path_and_query());
    }
    if request.url.is_empty() {
        "/".clone_into(&mut request.url);
    }
    fill(entry, &mut request, notes);
    let options = Options::read(entry, &mut request, notes);
    let title = format!("{} {}", entry.method, address.title());
    let with = match variables.template(&Value::Object(request.into_with())) {
        Value::Object(with) => with,
        _ => Map::new(),
    };
    let title = variables.template(&title.into()).as_str().unwrap_or_default().to_owned();
    let mut step = DraftStep { name: Some(title), uses: "http", with, ..DraftStep::default() };
    options.apply(&mut step);
    match &entry.response {
        Some(response) => expect(response, &mut step, variables, notes),
        None => step.expect.push(json!({ "that": "status", "ge": 100 })),
    }
    step
}

fn fill(entry: &Entry, request: &mut Request, notes: &mut Notes) {
    let pairs = |names: &[&str]| -> Vec<(String, Value)> {
        entry
            .section(names)
            .map(|pair| (pair.name.clone(), Value::from(pair.value.as_str())))
            .collect()
    };
    request.query.extend(pairs(&["Query", "QueryStringParams"]));
    request.cookies = pairs(&["Cookies"]);
    request.headers =
        entry.headers.iter().map(|pair| (pair.name.clone(), pair.value.as_str().into())).collect();
    if let Some(login) = entry.section(&["BasicAuth"]).next() {
        let login = json!({ "username": login.name, "password": login.value });
        request.extra.insert("auth".to_owned(), json!({ "basic": login }));
    }
    let form = pairs(&["Form", "FormParams"]);
    let multipart: Vec<(String, Value)> = entry
        .section(&["Multipart", "MultipartFormData"])
        .map(|pair| (pair.name.clone(), part(&pair.value)))
        .collect();
    let declared = entry.headers.iter().any(|pair| pair.name.eq_ignore_ascii_case("content-type"));
    request.body = match &entry.body {
        None if !multipart.is_empty() => Body::Multipart(multipart),
        None if !form.is_empty() => Body::Form(form),
        None => Body::None,
        Some(Content::Json(text)) => {
            let value = marked::json(text);
            if value.is_none() && !declared {
                request.headers.push(("Content-Type".to_owned(), "application/json".into()));
            }
            value.map_or_else(|| Body::Template(text.clone()), Body::TemplateJson)
        }
        Some(Content::Text(text)) => Body::Template(text.clone()),
        Some(Content::File(path)) => Body::File(path.clone()),
        Some(Content::Base64(text)) => {
            let bytes = STANDARD.decode(text.replace(char::is_whitespace, ""));
            if bytes.is_err() {
                notes.enter(format!("line {}", entry.line));
                notes.add("the base64 of the body is not valid; no body is sent");
            }
            bytes.map_or(Body::None, Body::Bytes)
        }
        Some(Content::Hex(text)) => Body::Bytes(hex(text)),
    };
}

/// `file,a.png; image/png` or a text.
fn part(text: &str) -> Value {
    let Some(rest) = text.strip_prefix("file,") else { return text.into() };
    let (file, kind) = rest.split_once(';').unwrap_or((rest, ""));
    let mut part = json!({ "file": file.trim() });
    if !kind.trim().is_empty() {
        part["content_type"] = kind.trim().into();
    }
    part
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn expect(response: &Response, step: &mut DraftStep, variables: &mut Variables, notes: &mut Notes) {
    step.expect.push(match response.status {
        Some(code) => json!({ "that": "status", "equals": code }),
        None => json!({ "that": "status", "ge": 100 }),
    });
    for header in &response.headers {
        let that = format!("headers[{}]", Value::from(header.name.to_ascii_lowercase()));
        let plain = header.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let that =
            if plain { format!("headers.{}", header.name.to_ascii_lowercase()) } else { that };
        let value = variables.template(&header.value.as_str().into());
        step.expect.push(json!({ "that": that, "equals": value }));
    }
    match &response.body {
        Some(Content::Json(text)) => match marked::json(text) {
            Some(value) => {
                step.expect.push(json!({ "that": "json", "equals": variables.template(&value) }));
            }
            None => notes.add("the expected body is not valid JSON and not checked"),
        },
        Some(Content::Text(text)) => {
            step.expect.push(
                json!({ "that": "text", "equals": variables.template(&text.as_str().into()) }),
            );
        }
        Some(Content::Base64(text)) => {
            step.expect.push(json!({ "that": "base64", "equals": text }));
        }
        Some(Content::Hex(_) | Content::File(_)) => notes.add("the expected body is not checked"),
        None => {}
    }
    for (line, assert) in &response.asserts {
        notes.enter(format!("line {line}"));
        match assert::check(assert) {
            Ok(mut check) => {
                let that = check["that"].take();
                let mut check = variables.template(&check);
                check["that"] = that;
                step.expect.push(check);
            }
            Err(reason) => notes.add(format!("the assert is left out: {reason}")),
        }
    }
    for capture in &response.captures {
        notes.enter(format!("line {}", capture.line));
        match assert::capture(&capture.value) {
            Ok(selector) => {
                step.capture.insert(variable_name(&capture.name), selector.into());
                variables.captured.push(capture.name.clone());
            }
            Err(reason) => {
                notes.add(format!("`{}` is not captured, but an input: {reason}", capture.name));
            }
        }
    }
}
