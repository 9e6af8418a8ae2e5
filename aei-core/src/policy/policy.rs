use std::path::{Path, PathBuf};

use super::document::{List, PolicyDocument};
use super::host::HostRule;
use super::rules::{Pattern, Rule, Rules, is_wild};
use super::{Limit, Limits};
use crate::diagnostic::Diagnostic;
use crate::load::LoadError;
use crate::signature::PublicKey;
use crate::source::{SourceFile, SourceMap, Spanned, Syntax, from_node, parse};
use crate::template::Period;

/// What a node lets templates do, as its `policy.toml` says.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The folder that its relative paths start from.
    pub(super) folder: PathBuf,
    pub(super) kinds: Rules<Pattern>,
    pub(super) programs: Rules<String>,
    /// Whether lines for a shell are allowed, and where that is said.
    pub(super) lines: (bool, String),
    pub(super) allow: Rules<HostRule>,
    pub(super) deny: Rules<HostRule>,
    pub(super) read: Rules<String>,
    pub(super) write: Rules<String>,
    pub(super) environment: Rules<Pattern>,
    pub(super) limits: Limits,
    pub(super) trusted: Option<Rules<PublicKey>>,
}

/// The JSON Schema of `policy.toml`.
pub fn schema() -> serde_json::Value {
    crate::schema::titled(schemars::schema_for!(PolicyDocument).to_value(), "AEI node policy")
}

impl Policy {
    /// Reads a policy. `path` is where it was found, for messages and relative paths.
    ///
    /// # Errors
    /// All mistakes at once, each with its place.
    pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, LoadError> {
        let mut sources = SourceMap::default();
        let found = match parse(&mut sources, &path.display().to_string(), bytes, Syntax::Toml) {
            Err(mistake) => vec![mistake],
            Ok(root) => {
                let mut schema = schemars::schema_for!(PolicyDocument).to_value();
                without_nulls(&mut schema);
                let found = crate::validate::fits(&root, &schema, "the policy");
                if found.is_empty() {
                    match from_node::<PolicyDocument>(root) {
                        Ok(document) => match Reader::policy(&document, &sources, path) {
                            Ok(policy) => return Ok(policy),
                            Err(found) => found,
                        },
                        Err(error) => vec![Diagnostic::error("shape", error.message, error.span)],
                    }
                } else {
                    found
                }
            }
        };
        Err(LoadError { diagnostics: found, sources })
    }

    /// The keys of those whose templates may run; `None` when a signature is not asked for.
    pub fn trusted(&self) -> Option<impl Iterator<Item = &PublicKey>> {
        self.trusted.as_ref().map(|keys| keys.rules.iter().map(|rule| &rule.value))
    }

    /// Where the trusted keys stand: `policy.toml:31: trust.keys`.
    pub fn trust_rule(&self) -> Option<&str> {
        self.trusted.as_ref().map(|keys| keys.place.as_str())
    }
}

/// A key may be left out, but has a value when it is there.
fn without_nulls(schema: &mut serde_json::Value) {
    crate::schema::without_null(schema);
    match schema {
        serde_json::Value::Object(map) => map.values_mut().for_each(without_nulls),
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

struct Reader<'a> {
    sources: &'a SourceMap,
    name: String,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn policy(
        document: &PolicyDocument,
        sources: &SourceMap,
        path: &Path,
    ) -> Result<Policy, Vec<Diagnostic>> {
        let mut reader = Reader { sources, name: path.display().to_string(), found: Vec::new() };
        let PolicyDocument { kinds, programs, hosts, files, time, environment, trust } = document;
        let names = |text: &str| Pattern::new(text);
        let policy = Policy {
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
            kinds: reader.list("kinds.allow", &kinds.allow, names),
            programs: reader.list("programs.allow", &programs.allow, program),
            lines: match &programs.run {
                Some(run) => (run.value, reader.place("programs.run", run)),
                None => (false, reader.unset("programs.run")),
            },
            allow: reader.list("hosts.allow", &hosts.allow, HostRule::parse),
            deny: reader.list("hosts.deny", &hosts.deny, HostRule::parse),
            read: reader.list("files.read", &files.read, root),
            write: reader.list("files.write", &files.write, root),
            environment: reader.list("environment.read", &environment.read, names),
            limits: Limits {
                step: reader.limit(time.step.as_ref()),
                case: reader.limit(time.case.as_ref()),
                run: reader.limit(time.run.as_ref()),
            },
            trusted: trust.keys.is_some().then(|| {
                reader.list("trust.keys", &trust.keys, |text| {
                    text.parse::<PublicKey>().map_err(|error| error.to_string())
                })
            }),
        };
        if reader.found.is_empty() { Ok(policy) } else { Err(reader.found) }
    }

    fn list<T>(
        &mut self,
        key: &str,
        list: &List,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Rules<T> {
        let Some(list) = list else {
            return Rules { place: self.unset(key), rules: Vec::new() };
        };
        let mut rules = Vec::with_capacity(list.value.len());
        for entry in &list.value {
            match read(&entry.value) {
                Ok(value) => rules.push(Rule { place: self.place(key, entry), value }),
                Err(why) => self.found.push(Diagnostic::error(
                    "policy-rule",
                    format!("`{}` is no entry for `{key}`: {why}", entry.value),
                    entry.span,
                )),
            }
        }
        Rules { place: self.place(key, list), rules }
    }

    fn limit(&mut self, limit: Option<&Spanned<Period>>) -> Option<Limit> {
        let Spanned { value: Period(time), span } = *limit?;
        if time.is_zero() {
            let mistake =
                Diagnostic::error("zero-timeout", "a time of zero lets nothing run", span);
            self.found.push(mistake.help("leave it out for no limit"));
        }
        let line = self.sources.position(span).map_or(0, |at| at.line);
        Some(Limit { time, line })
    }

    fn place<T>(&self, key: &str, at: &Spanned<T>) -> String {
        let file: Option<&SourceFile> = self.sources.file(at.span).map(AsRef::as_ref);
        match file.map(|file| file.position(at.span)) {
            Some(at) => format!("{}:{}: {key}", at.file, at.line),
            None => self.unset(key),
        }
    }

    fn unset(&self, key: &str) -> String {
        format!("{}: {key} is not set", self.name)
    }
}

/// An entry of `programs.allow`.
fn program(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it is empty".into());
    }
    let bare = text.strip_prefix("{template}").unwrap_or(text);
    if bare.contains(is_wild) && text != "*" {
        if !bare.contains('/') {
            return Err(format!("a pattern needs its folder, such as `/usr/bin/{text}`"));
        }
        Pattern::new(bare)?;
    }
    Ok(text.to_owned())
}

/// An entry of `files.read` or `files.write`.
fn root(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it is empty".into());
    }
    if text.contains('*') {
        return Err("it is a folder, and all below it is meant; `/` is everything".into());
    }
    Ok(text.to_owned())
}
