use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::host::{aliases, is_near, plain, unmapped};
use super::policy::Policy;
use super::rules::{Pattern, Rule, Rules, is_wild};
use super::{Guard, Limits, Program, Refusal};

/// How a policy finds out what its paths and names mean on a machine.
pub trait Places {
    /// The real path of a file or folder: absolute, without `..`, links followed as far as it
    /// exists.
    fn real(&self, path: &Path) -> PathBuf;

    /// Where a program of this name is on `PATH`: the real path of its folder, and its own name.
    fn on_path(&self, name: &str) -> Option<PathBuf>;

    /// The folder of the template.
    fn template(&self) -> &Path;
}

/// A policy for the templates of one folder, on one machine.
#[derive(Debug)]
pub struct BoundPolicy {
    policy: Arc<Policy>,
    programs: Rules<ProgramRule>,
    read: Rules<PathBuf>,
    write: Rules<PathBuf>,
}

#[derive(Debug, Clone)]
enum ProgramRule {
    All,
    /// This one, whatever it leads to.
    Entry(PathBuf),
    /// Those below a folder that fit, and lead to one that fits.
    Pattern(PathBuf, Pattern),
    /// A name that is not on `PATH`.
    Nowhere,
}

/// Stands for the folder of the template.
const TEMPLATE: &str = "{template}";

/// Programs that start others from a line of text. A pattern does not mean them while lines are
/// not allowed.
const SHELLS: [&str; 16] = [
    "ash",
    "bash",
    "busybox",
    "cmd.exe",
    "csh",
    "dash",
    "fish",
    "ksh",
    "ksh93",
    "mksh",
    "powershell.exe",
    "pwsh",
    "sh",
    "tcsh",
    "toybox",
    "zsh",
];

impl Policy {
    /// Finds out what the policy's paths and names mean.
    pub fn bind(self: &Arc<Self>, places: &dyn Places) -> BoundPolicy {
        let place = |text: &str| self.place(text, places);
        let programs = bound(&self.programs, |text| match text.as_str() {
            "*" => ProgramRule::All,
            name if !name.contains(['/', '\\']) => {
                places.on_path(name).map_or(ProgramRule::Nowhere, ProgramRule::Entry)
            }
            text => pattern(text, &place, places)
                .unwrap_or_else(|| ProgramRule::Entry(entry(&place(text), places))),
        });
        let root = |text: &String| places.real(&place(text));
        BoundPolicy {
            programs,
            read: bound(&self.read, root),
            write: bound(&self.write, root),
            policy: Arc::clone(self),
        }
    }

    /// The path that an entry means.
    fn place(&self, text: &str, places: &dyn Places) -> PathBuf {
        match text.strip_prefix(TEMPLATE) {
            Some(rest) => places.template().join(rest.trim_start_matches(['/', '\\'])),
            None => self.folder.join(text),
        }
    }
}

fn bound<A, B>(rules: &Rules<A>, make: impl Fn(&A) -> B) -> Rules<B> {
    let make = |rule: &Rule<A>| Rule { place: rule.place.clone(), value: make(&rule.value) };
    Rules { place: rules.place.clone(), rules: rules.rules.iter().map(make).collect() }
}

/// The pattern that an entry is, if it is one. The folders before its first wildcard are plain.
fn pattern(
    text: &str,
    place: &dyn Fn(&str) -> PathBuf,
    places: &dyn Places,
) -> Option<ProgramRule> {
    let start = text.strip_prefix(TEMPLATE).map_or(0, |rest| text.len() - rest.len());
    let wild = start + text[start..].find(is_wild)?;
    let (folder, rest) = text.split_at(text[..wild].rfind('/').map_or(0, |slash| slash + 1));
    // The reader of the policy has found it to be a pattern.
    Some(ProgramRule::Pattern(places.real(&place(folder)), Pattern::new(rest).ok()?))
}

/// The real path of a program's folder, and its own name.
fn entry(path: &Path, places: &dyn Places) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => places.real(folder).join(name),
        _ => places.real(path),
    }
}

fn below(folder: &Path, pattern: &Pattern, path: &Path) -> bool {
    path.strip_prefix(folder).is_ok_and(|rest| pattern.fits(rest))
}

fn is_shell(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| SHELLS.contains(&name))
}

impl Guard for BoundPolicy {
    fn check_kind(&self, kind: &str) -> Result<(), Refusal> {
        self.policy
            .kinds
            .allow(|| format!("the step runner `{kind}`"), |pattern: &Pattern| pattern.fits(kind))
    }

    fn check_line(&self) -> Result<(), Refusal> {
        let (allowed, place) = &self.policy.lines;
        if *allowed {
            return Ok(());
        }
        Err(Refusal { rule: place.clone(), what: "a `run` line for a shell".to_owned() })
    }

    fn check_program(&self, program: &Program<'_>) -> Result<(), Refusal> {
        let Program { asked, entry, real } = *program;
        let unnamed = |rule: &ProgramRule| match rule {
            ProgramRule::All => true,
            ProgramRule::Pattern(folder, pattern) => below(folder, pattern, real),
            ProgramRule::Entry(path) => path == real,
            ProgramRule::Nowhere => false,
        };
        let named = |rule: &ProgramRule| matches!(rule, ProgramRule::Entry(path) if path == entry);
        if self.programs.find(named).is_some() {
            return Ok(());
        }
        let shown = if Path::new(asked) == entry {
            format!("the program `{asked}`")
        } else {
            format!("the program `{asked}` (`{}`)", entry.display())
        };
        let (lines, place) = &self.policy.lines;
        let fits = |rule: &ProgramRule| match rule {
            ProgramRule::All => true,
            ProgramRule::Pattern(folder, pattern) => below(folder, pattern, entry),
            ProgramRule::Entry(_) | ProgramRule::Nowhere => false,
        };
        // A link among the allowed programs may lead anywhere.
        let found = self.programs.find(fits).is_some() && self.programs.find(unnamed).is_some();
        if found && !lines && (is_shell(entry) || is_shell(real)) {
            return Err(Refusal { rule: place.clone(), what: format!("{shown}, a shell,") });
        }
        if found {
            return Ok(());
        }
        Err(Refusal { rule: self.programs.place.clone(), what: shown })
    }

    fn check_lookup(&self, host: &str, port: u16) -> Result<(), Refusal> {
        match self.check_host(host, port, None) {
            Err(refusal)
                if self.policy.deny.find(|rule| rule.names(&plain(host), port)).is_some()
                    || self.policy.allow.find(|rule| rule.is_network(port)).is_none() =>
            {
                Err(refusal)
            }
            _ => Ok(()),
        }
    }

    fn check_host(&self, host: &str, port: u16, address: Option<IpAddr>) -> Result<(), Refusal> {
        let (allow, deny) = (&self.policy.allow, &self.policy.deny);
        let name = plain(host.trim_start_matches('[').trim_end_matches(']'));
        let address = address.or_else(|| name.parse().ok()).map(unmapped);
        let shown = match address {
            Some(address) if name.parse() != Ok(address) => {
                format!("connecting to `{name}:{port}` at {address}")
            }
            _ => format!("connecting to `{}`", with_port(&name, port)),
        };
        let refused = |place: &str, what: String| Err(Refusal { rule: place.to_owned(), what });
        let known = address.map(aliases);
        let holds = |rules: &Rules<super::host::HostRule>| {
            let known = known.iter().flatten();
            known
                .copied()
                .find_map(|one| rules.find(|rule| rule.holds(one, port)).map(|r| r.place.clone()))
        };
        if let Some(place) = holds(deny) {
            return refused(&place, shown);
        }
        if let Some(rule) = deny.find(|rule| rule.names(&name, port)) {
            return refused(&rule.place, shown);
        }
        if holds(allow).is_some() {
            return Ok(());
        }
        let Some(named) = allow.find(|rule| rule.names(&name, port)) else {
            return refused(&allow.place, shown);
        };
        let is_local = name == "localhost" || name.ends_with(".localhost");
        let near =
            address.is_some_and(is_near) && !(is_local && address.is_some_and(|a| a.is_loopback()));
        if near && !named.value.is_for_all() {
            return refused(&named.place, format!("{shown}, which leads to this machine,"));
        }
        Ok(())
    }

    fn check_read(&self, path: &Path) -> Result<(), Refusal> {
        // What is written is looked at, too.
        if self.write.find(|root| path.starts_with(root)).is_some() {
            return Ok(());
        }
        self.read.allow(|| format!("reading `{}`", path.display()), |root| path.starts_with(root))
    }

    fn check_write(&self, path: &Path) -> Result<(), Refusal> {
        self.write.allow(|| format!("writing `{}`", path.display()), |root| path.starts_with(root))
    }

    fn check_env(&self, name: &str) -> Result<(), Refusal> {
        self.policy.environment.allow(
            || format!("reading the environment variable `{name}`"),
            |pattern: &Pattern| pattern.fits(name),
        )
    }

    fn limits(&self) -> Limits {
        self.policy.limits
    }
}

fn with_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
