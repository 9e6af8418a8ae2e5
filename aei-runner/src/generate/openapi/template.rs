use serde_json::{Map, Value, json};

use super::documents::{At, Documents};
use super::operation::{self, Operation};
use super::security::Security;
use super::servers;
use crate::generate::document::{Draft, Slugs};
use crate::generate::note::Notes;
use crate::generate::{GenerateError, Generated, Origin, SourceFormat, read};

/// The dialect of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Swagger2,
    OpenApi3,
}

/// What the cases of one description share.
pub(super) struct Context<'a> {
    pub(super) dialect: Dialect,
    pub(super) root: At<'a>,
    pub(super) notes: Notes,
    pub(super) ids: Slugs,
    pub(super) security: Security,
}

const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Makes a template of a description.
pub(in crate::generate) fn template(
    bytes: &[u8],
    origin: &Origin,
) -> Result<Generated, GenerateError> {
    let wrong = || GenerateError::wrong(SourceFormat::Openapi, &origin.name(), bytes);
    let tree = match read::tree(&origin.name(), bytes) {
        Ok(tree) => tree,
        Err(error) if read::looks_structured(bytes) => return Err(error),
        Err(_) => return Err(wrong()),
    };
    let dialect = dialect(&tree, wrong)?;
    let documents = Documents::load(tree, origin);
    let root = documents.root();
    let mut context = Context {
        dialect,
        root,
        notes: Notes::default(),
        ids: Slugs::default(),
        security: Security::default(),
    };
    for (place, reason) in &documents.missing {
        context.notes.enter(place);
        context.notes.add(format!("could not be read: {reason}"));
    }
    let mut draft = head(root, origin);
    draft.inputs.push(servers::base_url(&mut context, origin));
    paths(&mut context, &mut draft);
    context.notes.enter("");
    if root.get("webhooks").is_some_and(|hooks| hooks.entries().next().is_some()) {
        context.notes.add("webhooks are requests that the service makes; none is made of them");
    }
    if draft.cases.is_empty() {
        return Err(GenerateError::Nothing { what: "operations under `paths`" });
    }
    draft.inputs.append(&mut context.security.inputs);
    let http = json!({ "base_url": "${{ inputs.base_url }}" });
    draft.defaults = Map::from_iter([("http".to_owned(), http)]);
    let notes = context.notes.finish();
    Ok(Generated { text: draft.to_yaml(&notes), notes })
}

fn dialect(tree: &Value, wrong: impl FnOnce() -> GenerateError) -> Result<Dialect, GenerateError> {
    let version = |key: &str| match tree.get(key)? {
        Value::String(version) => Some(version.clone()),
        Value::Number(version) => Some(version.to_string()),
        _ => None,
    };
    if let Some(found) = version("openapi") {
        return if found.starts_with("3.") || found == "3" {
            Ok(Dialect::OpenApi3)
        } else {
            Err(GenerateError::Version { what: "OpenAPI", found, supported: "3.0 and 3.1" })
        };
    }
    match version("swagger") {
        Some(found) if found.starts_with('2') => Ok(Dialect::Swagger2),
        Some(found) => Err(GenerateError::Version { what: "Swagger", found, supported: "2.0" }),
        None => Err(wrong()),
    }
}

fn head(root: At<'_>, origin: &Origin) -> Draft {
    let info = root.find("info");
    let title = info.and_then(|info| info.text("title")).map_or("", str::trim);
    let version = info.and_then(|info| info.text("version"));
    let source =
        if *origin == Origin::Nowhere { String::new() } else { format!(" from {}", origin.name()) };
    Draft {
        heading: format!(
            "Made by `aei new`{source}. Each operation has a case; the values are examples of the\n\
             description, or made to fit its schemas."
        ),
        name: if title.is_empty() { "API".to_owned() } else { title.to_owned() },
        description: version.map(|version| format!("The operations of version {version}.")),
        ..Draft::default()
    }
}

fn paths(context: &mut Context<'_>, draft: &mut Draft) {
    let Some(paths) = context.root.find("paths") else { return };
    for (path, item) in paths.entries().filter(|(path, _)| path.starts_with('/')) {
        context.notes.enter(path);
        let item = match item.resolve() {
            Ok(item) => item,
            Err(reason) => {
                context.notes.add(reason);
                continue;
            }
        };
        for (key, value) in item.entries() {
            let method = key.to_ascii_lowercase();
            if METHODS.contains(&method.as_str()) && value.value.is_object() {
                let operation =
                    Operation { method: method.to_ascii_uppercase(), path, item, at: value };
                draft.cases.push(operation::case(context, &operation));
            }
        }
    }
}
