use serde_json::{Map, Value, json};

use super::entry::{self, Entry};
use super::headers;
use crate::generate::address::main_origin;
use crate::generate::document::{Draft, DraftCase, DraftInput, Slugs, literal_text};
use crate::generate::note::Notes;
use crate::generate::{GenerateError, Generated, Origin, SourceFormat, read};

/// Makes a template of a recording.
pub(in crate::generate) fn template(
    content: &[u8],
    origin: &Origin,
) -> Result<Generated, GenerateError> {
    let wrong = || GenerateError::wrong(SourceFormat::Har, &origin.name(), content);
    let tree = match read::tree(&origin.name(), content) {
        Ok(tree) => tree,
        Err(error) if read::looks_structured(content) => return Err(error),
        Err(_) => return Err(wrong()),
    };
    let list = tree.get("log").and_then(|log| log.get("entries")).and_then(Value::as_array);
    let list = list.ok_or_else(wrong)?;
    let mut notes = Notes::default();
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (index, value) in list.iter().enumerate() {
        match Entry::read(index + 1, value) {
            Ok(entry) => entries.push(entry),
            Err(reason) => {
                notes.enter(format!("entry {}", index + 1));
                notes.add(reason);
            }
        }
    }
    // The order of a recording is not always that of its time.
    entries.sort_by(|a, b| a.started.cmp(b.started));
    if entries.is_empty() {
        return Err(GenerateError::Nothing { what: "requests that can be sent again" });
    }
    Ok(written(&tree, &entries, origin, notes))
}

fn written(tree: &Value, entries: &[Entry<'_>], origin: &Origin, mut notes: Notes) -> Generated {
    let main = main_origin(entries.iter().map(|entry| &entry.address)).unwrap_or_default();
    let others = entries.iter().filter(|entry| entry.address.origin != main).count();
    if others > 0 {
        notes.enter("");
        notes.add(format!(
            "{others} requests go to other hosts than `{main}`, by their full address"
        ));
    }
    headers::unknown_cookies(entries, &mut notes);
    let shared = headers::shared(entries);
    let mut credentials: Vec<DraftInput> = Vec::new();
    let cases = pages(tree, entries)
        .into_iter()
        .map(|(page, members)| DraftCase {
            id: page.id,
            name: literal_text(&page.name),
            steps: members
                .into_iter()
                .map(|entry| entry::step(entry, &main, &shared, &mut credentials, &mut notes))
                .collect(),
            ..DraftCase::default()
        })
        .collect();
    let mut http = json!({ "base_url": "${{ inputs.base_url }}" });
    if !shared.is_empty() {
        http["headers"] = Value::Object(
            shared.iter().map(|(name, value)| (name.clone(), literal_text(value).into())).collect(),
        );
    }
    let mut inputs = vec![DraftInput::text("base_url", &main, "The site that was recorded")];
    inputs.append(&mut credentials);
    let source = origin.name();
    let draft = Draft {
        heading: format!(
            "Made by `aei new` from {}. The requests are sent again in the order in which they\n\
             were recorded; what changes from one run to the next is not checked.",
            if source.is_empty() { "a HAR recording" } else { &source }
        ),
        name: format!("Session on {}", main.split("://").nth(1).unwrap_or(&main)),
        inputs,
        defaults: Map::from_iter([("http".to_owned(), http)]),
        cases,
        ..Draft::default()
    };
    let notes = notes.finish();
    Generated { text: draft.to_yaml(&notes), notes }
}

struct Page {
    id: String,
    name: String,
}

/// The cases: a page each, but one for all where cookies tie the pages together.
fn pages<'e, 'a>(tree: &Value, entries: &'e [Entry<'a>]) -> Vec<(Page, Vec<&'e Entry<'a>>)> {
    let mut order: Vec<&str> = Vec::new();
    for entry in entries {
        if !order.contains(&entry.page) {
            order.push(entry.page);
        }
    }
    let tied = entries.iter().any(Entry::has_cookies);
    if tied || order.len() < 2 {
        let page = Page { id: "session".to_owned(), name: "The recorded session".to_owned() };
        return vec![(page, entries.iter().collect())];
    }
    let mut ids = Slugs::default();
    let titles = tree.pointer("/log/pages").and_then(Value::as_array);
    order
        .into_iter()
        .map(|id| {
            let page = titles.into_iter().flatten().find(|page| page["id"] == id);
            let title = page.and_then(|page| page["title"].as_str()).filter(|t| !t.is_empty());
            let members: Vec<_> = entries.iter().filter(|entry| entry.page == id).collect();
            let first = members.first().map_or("/", |entry| entry.address.title());
            let name = title.unwrap_or(first).to_owned();
            (Page { id: ids.unique(&name, "page"), name }, members)
        })
        .collect()
}
