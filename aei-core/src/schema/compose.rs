use serde_json::{Map, Value, json};

use super::expression::{allow_expressions, inside};
use super::kind;
use super::tidy::{object, tidy, without_null};
use crate::event::Event;
use crate::report::Report;
use crate::runner::Registry;
use crate::template::{FORMAT_VERSION, Operator, Template};

/// Keys of a check that are not operators: plain texts.
pub(crate) const CHECK_TEXTS: [&str; 4] = ["that", "name", "unit", "measure"];

/// The schema of templates that use the runners of a registry.
pub fn template(registry: &Registry) -> Value {
    let mut schema = schemars::schema_for!(Template).to_value();
    tidy(&mut schema);
    schema["title"] = json!("AEI template");
    schema["properties"]["aei"] =
        json!({ "const": FORMAT_VERSION, "description": "The format version: 1." });
    check(&mut schema);
    names(&mut schema);
    kinds(&mut schema, registry);
    inputs(&mut schema);
    let definitions = object(&mut schema, &["$defs"]);
    definitions.insert(
        "Expression".to_owned(),
        json!({
            "type": "string",
            "pattern": r"\$\{\{",
            "description": "A value worked out at run time: `${{ inputs.name }}`."
        }),
    );
    for spec in registry.iter().map(|runner| runner.spec()) {
        definitions.extend(kind::definitions(spec));
    }
    schema
}

/// The schema of one event, as journals and live streams hold them.
pub fn event() -> Value {
    titled(schemars::schema_for!(Event).to_value(), "AEI event")
}

/// The schema of a report.
pub fn report() -> Value {
    titled(schemars::schema_for!(Report).to_value(), "AEI report")
}

pub(crate) fn titled(mut schema: Value, title: &str) -> Value {
    tidy(&mut schema);
    schema["title"] = json!(title);
    schema
}

fn check(schema: &mut Value) {
    schema["$defs"]["Check"]["description"] =
        json!("One entry of `expect`: a selector and what must hold of the value it finds.");
    for (key, property) in object(schema, &["$defs", "Check", "properties"]) {
        without_null(property);
        if !CHECK_TEXTS.contains(&key.as_str()) {
            allow_expressions(property);
        }
    }
    if let Some(approx) = schema.pointer_mut("/$defs/Approx") {
        inside(approx);
    }
    let operand = object(schema, &["$defs", "Check", "properties", Operator::Is.key()]);
    operand.insert(
        "examples".to_owned(),
        json!(["null", "boolean", "integer", "number", "string", "list", "map"]),
    );
}

/// The grammar of names, which `aei validate` words better than a pattern can.
fn names(schema: &mut Value) {
    for (path, pattern) in [
        (["$defs", "Case", "properties", "id"], r"^[A-Za-z0-9_.\-]+$"),
        (["$defs", "Step", "properties", "id"], "^[A-Za-z_][A-Za-z0-9_]*$"),
        (["properties", "env", "items", ""], "^[A-Za-z_][A-Za-z0-9_]*$"),
    ] {
        let path: Vec<&str> = path.into_iter().filter(|key| !key.is_empty()).collect();
        object(schema, &path).insert("pattern".to_owned(), json!(pattern));
    }
    for path in [
        ["properties", "inputs"].as_slice(),
        &["$defs", "Block", "properties", "inputs"],
        &["$defs", "Step", "properties", "capture"],
    ] {
        object(schema, path)
            .insert("propertyNames".to_owned(), json!({ "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" }));
    }
}

/// `uses` names a kind of the registry or a block; `with` follows it.
fn kinds(schema: &mut Value, registry: &Registry) {
    let specs: Vec<_> = registry.iter().map(|runner| runner.spec()).collect();
    let mut uses: Vec<Value> = specs
        .iter()
        .map(|spec| json!({ "const": spec.kind, "description": super::tidy::paragraph(&spec.summary) }))
        .collect();
    uses.push(json!({
        "type": "string", "pattern": "^block:.", "description": "The steps of a block: `block:NAME`."
    }));
    object(schema, &["$defs", "Step", "properties", "uses"])
        .insert("anyOf".to_owned(), uses.into());
    let step = object(schema, &["$defs", "Step"]);
    step.insert("allOf".to_owned(), specs.iter().map(|spec| kind::rule(spec)).collect());

    let defaults: Map<String, Value> = specs
        .iter()
        .map(|spec| {
            let target = format!("#/$defs/{}", kind::definition(&spec.kind));
            (spec.kind.clone(), json!({ "$ref": target }))
        })
        .collect();
    let with = object(schema, &["$defs", "Defaults", "properties", "with"]);
    with.insert("properties".to_owned(), defaults.into());
    with.insert("additionalProperties".to_owned(), json!(false));
}

/// A default fits its input's type.
fn inputs(schema: &mut Value) {
    let types = [
        ("integer", "integer"),
        ("number", "number"),
        ("boolean", "boolean"),
        ("list", "array"),
        ("map", "object"),
    ];
    let rules: Vec<Value> = types
        .iter()
        .map(|(name, json_type)| {
            json!({
                "if": { "properties": { "type": { "const": name } }, "required": ["type"] },
                "then": { "properties": { "default": { "type": [json_type, "null"] } } }
            })
        })
        .collect();
    object(schema, &["$defs", "Input"]).insert("allOf".to_owned(), rules.into());
}
