use serde_json::{Map, Value, json};

use super::body::{pairs, text};
use super::request::{self, Found, Read};
use crate::generate::address::{Address, main_origin};
use crate::generate::document::{Draft, DraftCase, DraftInput, DraftStep, Slugs};
use crate::generate::marked;
use crate::generate::note::Notes;
use crate::generate::{GenerateError, Generated, Origin, SourceFormat, read};

/// Folders are not followed deeper than this.
const DEEPEST: usize = 50;

/// Makes a template of a collection.
pub(in crate::generate) fn template(
    content: &[u8],
    origin: &Origin,
) -> Result<Generated, GenerateError> {
    let wrong = || GenerateError::wrong(SourceFormat::Postman, &origin.name(), content);
    let tree = match read::tree(&origin.name(), content) {
        Ok(tree) => tree,
        Err(error) if read::looks_structured(content) => return Err(error),
        Err(_) => return Err(wrong()),
    };
    let collection = tree.get("collection").unwrap_or(&tree);
    if collection.get("item").is_none() || collection.get("info").is_none() {
        return Err(wrong());
    }
    let mut found = Vec::new();
    walk(collection, &mut Vec::new(), None, &mut found);
    if found.is_empty() {
        return Err(GenerateError::Nothing { what: "requests" });
    }
    let mut notes = Notes::default();
    scripts_of_folders(collection, &mut notes, 0);
    Ok(written(collection, &found, origin, notes))
}

fn walk<'a>(
    folder: &'a Value,
    names: &mut Vec<&'a str>,
    auth: Option<&'a Value>,
    found: &mut Vec<Found<'a>>,
) {
    let auth = folder.get("auth").filter(|auth| !auth.is_null()).or(auth);
    for item in folder["item"].as_array().into_iter().flatten() {
        let name = item["name"].as_str().unwrap_or_default();
        if item.get("request").is_some() {
            found.push(Found { name, folders: names.clone(), item, auth });
        } else if names.len() < DEEPEST {
            names.push(name);
            walk(item, names, auth, found);
            names.pop();
        }
    }
}

fn scripts_of_folders(folder: &Value, notes: &mut Notes, depth: usize) {
    if folder["event"].as_array().is_some_and(|events| {
        events.iter().any(|event| {
            !event["script"]["exec"].as_array().is_none_or(|lines| {
                lines.iter().all(|line| line.as_str().is_none_or(|line| line.trim().is_empty()))
            })
        })
    }) {
        notes.enter(folder["name"].as_str().unwrap_or("the collection"));
        notes.add("scripts for all requests are not carried over");
    }
    for item in folder["item"].as_array().into_iter().flatten() {
        if item.get("item").is_some() && depth < DEEPEST {
            scripts_of_folders(item, notes, depth + 1);
        }
    }
}

fn written(
    collection: &Value,
    found: &[Found<'_>],
    origin: &Origin,
    mut notes: Notes,
) -> Generated {
    let mut reads: Vec<(&Found<'_>, Read)> =
        found.iter().map(|found| (found, request::read(found))).collect();
    let main = main_origin(
        reads.iter().map(|(_, read)| Address::parse(&read.request.url)).collect::<Vec<_>>().iter(),
    )
    .filter(|main| !marked::has_marks(main));
    let captured: Vec<String> =
        reads.iter().flat_map(|(_, read)| read.said.capture.keys().cloned()).collect();
    let mut names = Slugs::default();
    let mut inputs: Vec<(String, DraftInput)> = Vec::new();
    if let Some(main) = &main {
        names.unique_name("base_url", "base_url");
        inputs.push((String::new(), DraftInput::text("base_url", main, "Where the service is")));
    }
    for (name, variable) in
        pairs(&collection["variable"]).filter(|(name, _)| !captured.iter().any(|c| c == name))
    {
        let input = names.unique_name(name, "variable");
        let value = text(&variable["value"]);
        let nested = marked::has_marks(&value);
        if nested {
            notes.enter(format!("variable {name}"));
            notes.add("its value refers to other variables; give it as a whole");
        }
        inputs.push((
            name.to_owned(),
            DraftInput {
                name: input,
                default: (!nested).then(|| value.into()),
                ..DraftInput::default()
            },
        ));
    }
    let mut steps: Vec<(&Found<'_>, DraftStep)> = Vec::new();
    let mut before: Vec<String> = Vec::new();
    for (found, read) in &mut reads {
        notes.enter(found.name);
        for note in &read.notes {
            notes.add(note.clone());
        }
        strip_main(&mut read.request.url, main.as_deref());
        let step = step(found, read, &before, &mut inputs, &mut names, &mut notes);
        before.extend(step.capture.keys().cloned());
        steps.push((found, step));
    }
    let name = collection["info"]["name"].as_str().unwrap_or("Collection");
    let source = origin.name();
    let defaults = main.map(|_| json!({ "base_url": "${{ inputs.base_url }}" }));
    let draft = Draft {
        heading: format!(
            "Made by `aei new` of the Postman collection{}.",
            if source.is_empty() { String::new() } else { format!(" in {source}") }
        ),
        name: name.to_owned(),
        inputs: inputs.into_iter().map(|(_, input)| input).collect(),
        defaults: defaults.map(|http| ("http".to_owned(), http)).into_iter().collect(),
        cases: cases(name, steps, !captured.is_empty()),
        ..Draft::default()
    };
    let notes = notes.finish();
    Generated { text: draft.to_yaml(&notes), notes }
}

fn strip_main(url: &mut String, main: Option<&str>) {
    if let Some(rest) = main.and_then(|main| url.strip_prefix(main))
        && (rest.is_empty() || rest.starts_with(['/', '?']))
    {
        *url = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    }
}

/// A case for each request, or one for all where a request hands something to a later one.
fn cases(name: &str, steps: Vec<(&Found<'_>, DraftStep)>, tied: bool) -> Vec<DraftCase> {
    if tied && steps.len() > 1 {
        let steps = steps.into_iter().map(|(_, step)| step).collect();
        let id = Slugs::default().unique(name, "collection");
        let name = crate::generate::document::literal_text(name);
        return vec![DraftCase { id, name, steps, ..DraftCase::default() }];
    }
    let mut ids = Slugs::default();
    steps
        .into_iter()
        .map(|(found, mut step)| DraftCase {
            id: ids.unique(
                if found.name.is_empty() { step.name.as_deref().unwrap_or("") } else { found.name },
                "request",
            ),
            name: step.name.take().unwrap_or_default(),
            tags: found
                .folders
                .iter()
                .filter(|name| !name.is_empty())
                .map(|name| (*name).to_owned())
                .collect(),
            steps: vec![step],
            ..DraftCase::default()
        })
        .collect()
}

fn step(
    found: &Found<'_>,
    read: &mut Read,
    before: &[String],
    inputs: &mut Vec<(String, DraftInput)>,
    names: &mut Slugs,
    notes: &mut Notes,
) -> DraftStep {
    let title = if found.name.is_empty() {
        format!("{} {}", read.request.method, read.title)
    } else {
        found.name.to_owned()
    };
    let mut request = std::mem::take(&mut read.request);
    if !request.url.contains("://")
        && !request.url.starts_with('/')
        && !marked::has_marks(&request.url)
    {
        request.url = format!("http://{}", request.url);
    }
    let with = Value::Object(request.into_with());
    for name in marked::names(&with.to_string()) {
        let dynamic = name.starts_with('$');
        if dynamic && dynamic_value(name).is_none() {
            notes.add(format!("the dynamic variable `{name}` is an input"));
        }
        let known = inputs.iter().any(|(known, _)| known == name)
            || before.iter().any(|known| known == name);
        if !(known || (dynamic && dynamic_value(name).is_some())) {
            let input = names.unique_name(name, "variable");
            inputs.push((
                name.to_owned(),
                DraftInput {
                    name: input,
                    description: Some("Not set in the collection; from an environment".to_owned()),
                    ..DraftInput::default()
                },
            ));
        }
    }
    let expression = |name: &str| {
        if before.iter().any(|known| known == name) {
            return format!("vars.{name}");
        }
        if let Some(value) = dynamic_value(name) {
            return value.to_owned();
        }
        let input = inputs.iter().find(|(known, _)| known == name);
        format!("inputs.{}", input.map_or("base_url", |(_, input)| &input.name))
    };
    let with = match marked::template_value(&with, &expression) {
        Value::Object(with) => with,
        _ => Map::new(),
    };
    let mut expect = std::mem::take(&mut read.said.expect);
    if expect.is_empty() {
        expect.push(json!({ "that": "status", "lt": 400 }));
    }
    let capture = read.said.capture.iter().filter(|(name, _)| is_name(name));
    DraftStep {
        name: Some(marked::template_text(&title, &expression)),
        uses: "http",
        with,
        expect,
        capture: capture.map(|(name, selector)| (name.clone(), selector.clone())).collect(),
        ..DraftStep::default()
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Postman's dynamic variables that expressions have, too.
fn dynamic_value(name: &str) -> Option<&'static str> {
    Some(match name {
        "$guid" | "$randomUUID" => "uuid()",
        "$timestamp" | "$isoTimestamp" => "now()",
        "$randomInt" => "random_int(0, 1000)",
        _ => return None,
    })
}
