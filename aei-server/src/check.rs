//! Checks templates as nodes will read them, without running anything.

use std::path::Path;
use std::sync::Arc;

use aei_core::api::{Mistake, TemplateCase, TemplateFormat, TemplateInput};
use aei_core::diagnostic::{Diagnostic, Severity};
use aei_core::host::{Host, HostError};
use aei_core::load::{LoadError, load};
use aei_core::runner::{
    DynStepRunner, Registry, RunnerSpec, StepContext, StepError, StepErrorKind,
};
use aei_core::source::{Node, SourceMap, Syntax, parse, to_json};
use aei_core::template::Template;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::store::templates::Outline;

/// What the built-in step runners say of themselves; made by `scripts/generate`.
const BUILT_IN: &str = include_str!("../../schema/runners.json");

/// A step runner that is known and never runs: no step ever runs on the server.
struct Described(RunnerSpec);

#[derive(Deserialize)]
struct Description {
    kind: String,
    summary: String,
    example: String,
    params: Value,
    outcome: Value,
}

#[async_trait]
impl DynStepRunner for Described {
    fn spec(&self) -> &RunnerSpec {
        &self.0
    }

    async fn run(&self, _: Value, _: &StepContext) -> Result<Value, StepError> {
        Err(StepError::new(StepErrorKind::Internal, "steps do not run on the server"))
    }
}

/// The runner kinds that templates are checked against.
pub(crate) fn registry() -> Result<Registry, serde_json::Error> {
    let descriptions: Vec<Description> = serde_json::from_str(BUILT_IN)?;
    let mut registry = Registry::empty();
    for Description { kind, summary, example, params, outcome } in descriptions {
        registry.register_dyn(Arc::new(Described(RunnerSpec {
            kind,
            summary,
            example,
            params,
            outcome,
            default_checks: Vec::new(),
            grace: std::time::Duration::ZERO,
        })));
    }
    Ok(registry)
}

/// A host with one file and nothing else.
struct OneFile<'a> {
    path: &'a Path,
    content: &'a [u8],
}

impl OneFile<'_> {
    fn no(path: &Path, action: &'static str) -> HostError {
        HostError {
            action,
            path: path.display().to_string(),
            reason: "only the template itself is on the server; `aei bundle` puts what it \
                     includes into it"
                .to_owned(),
            not_found: true,
        }
    }
}

impl Host for OneFile<'_> {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn random_int(&self, low: i64, _: i64) -> i64 {
        low
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        if path == self.path { Ok(self.content.to_vec()) } else { Err(Self::no(path, "read")) }
    }

    fn write(&self, path: &Path, _: &[u8]) -> Result<(), HostError> {
        Err(Self::no(path, "write"))
    }
}

/// A template that makes sense.
pub(crate) struct Checked {
    pub(crate) description: Option<String>,
    pub(crate) outline: Outline,
    pub(crate) warnings: Vec<Mistake>,
}

/// Checks a template; all mistakes at once. Kinds that this server does not know are a warning:
/// a node may have them.
pub(crate) fn check(
    name: &str,
    format: TemplateFormat,
    content: &[u8],
    registry: &Registry,
) -> Result<Checked, Vec<Mistake>> {
    let file = match format {
        TemplateFormat::Json => format!("{name}.json"),
        TemplateFormat::Yaml => format!("{name}.yaml"),
    };
    let path = Path::new(&file);
    let host = OneFile { path, content };
    match load(path, registry, &host) {
        Ok((suite, warnings)) => Ok(Checked {
            description: suite.template.description.as_deref().map(str::to_owned),
            outline: outline(&suite.template),
            warnings: mistakes(&warnings, &suite.sources),
        }),
        Err(LoadError { diagnostics, sources }) => Err(mistakes(&diagnostics, &sources)),
    }
}

fn mistakes(diagnostics: &[Diagnostic], sources: &SourceMap) -> Vec<Mistake> {
    let mistake = |found: &Diagnostic| {
        let place = sources.position(found.span);
        let length = sources.text(found.span).map_or(1, |text| text.chars().count().max(1));
        Mistake {
            code: found.code.to_owned(),
            severity: match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            }
            .to_owned(),
            message: found.message.clone(),
            help: found.help.clone(),
            line: place.as_ref().map_or(1, |place| place.line),
            column: place.as_ref().map_or(1, |place| place.column),
            length: u32::try_from(length).unwrap_or(u32::MAX),
        }
    };
    diagnostics.iter().map(mistake).collect()
}

fn outline(template: &Template) -> Outline {
    let texts = |names: &[aei_core::source::Spanned<Box<str>>]| {
        names.iter().map(|name| name.value.to_string()).collect()
    };
    let case = |case: &aei_core::template::Case| TemplateCase {
        id: case.id.value.to_string(),
        name: case.name.as_ref().map(|name| name.value.to_string()),
        tags: texts(&case.tags),
        needs: texts(&case.needs),
        requires: (case.requires.iter())
            .map(|(label, value)| (label.value.to_string(), value.to_string()))
            .collect(),
    };
    let input =
        |(name, input): (&aei_core::source::Spanned<Box<str>>, &aei_core::template::Input)| {
            TemplateInput {
                name: name.value.to_string(),
                kind: input.kind.as_str().to_owned(),
                description: input.description.as_deref().map(str::to_owned),
                default: input.default.as_ref().filter(|_| !input.secret).map(Node::to_value),
                allowed: input.allowed.iter().flatten().map(Node::to_value).collect(),
                required: input.default.is_none(),
                secret: input.secret,
            }
        };
    Outline {
        cases: template.cases.iter().map(case).collect(),
        inputs: template.inputs.iter().map(input).collect(),
    }
}

/// A YAML template as JSON.
pub(crate) fn as_json(name: &str, content: &[u8]) -> Result<Vec<u8>, String> {
    let mut sources = SourceMap::default();
    let node = parse(&mut sources, name, content.to_vec(), Syntax::Yaml)
        .map_err(|mistake| mistake.message)?;
    Ok(to_json(&node).into_bytes())
}
