use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aei_core::diagnostic::Diagnostic;
use aei_core::host::{Host, HostError};
use aei_core::load::{LoadError, Suite};
use aei_core::policy::{Policy, Refusal};
use aei_core::runner::Registry;
use aei_core::signature::{PublicKey, Unverified, self_contained, verify};
use aei_core::source::{SourceMap, Span};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Environment, GuardedHost, bind};

/// What the file of a signature is called: the template's name and this.
pub const SIGNATURE_ENDING: &str = ".sig";

/// Where the signature of a template stands.
pub fn signature_path(template: &Path) -> PathBuf {
    let mut name: OsString = template.into();
    name.push(SIGNATURE_ENDING);
    name.into()
}

/// Loads a template as a policy allows: verified against the signature beside it when the policy
/// names trusted keys, with all it includes only from where it may be read.
///
/// # Errors
/// What [`load`](fn@aei_core::load::load) tells, and why the policy refuses the template.
pub fn load(
    path: &Path,
    registry: &Registry,
    host: &Arc<dyn Host>,
    policy: &Arc<Policy>,
) -> Result<(Suite, Vec<Diagnostic>), LoadError> {
    let bytes = host.read(path).map_err(|error| refused("unreadable", error.to_string()))?;
    let text = match policy.trusted().is_some().then(|| host.read(&signature_path(path))) {
        None => None,
        Some(Ok(signature)) => Some(String::from_utf8_lossy(&signature).into_owned()),
        Some(Err(error)) if error.not_found => None,
        Some(Err(error)) => return Err(refused("unreadable", error.to_string())),
    };
    load_signed(path, bytes, text.as_deref(), registry, host, policy)
}

/// Loads a template from bytes at hand, as [`load`] does, with its signature at hand too.
///
/// `path` is where it is said to stand: its name, and the folder that its paths start from.
///
/// # Errors
/// What [`load`](fn@aei_core::load::load) tells, and why the policy refuses the template.
pub fn load_signed(
    path: &Path,
    bytes: Vec<u8>,
    signature: Option<&str>,
    registry: &Registry,
    host: &Arc<dyn Host>,
    policy: &Arc<Policy>,
) -> Result<(Suite, Vec<Diagnostic>), LoadError> {
    if let Some(trusted) = policy.trusted() {
        let trusted: Vec<&PublicKey> = trusted.collect();
        if let Err(error) = verify(&bytes, signature, trusted) {
            return Err(untrusted(path, &error, policy.trust_rule().unwrap_or_default()));
        }
        self_contained(path, bytes.clone())?;
    }
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let guard = bind(Some(policy), folder);
    let guarded = GuardedHost::before(host, &guard, Environment::Template);
    let host = AtHand { path, bytes, inner: guarded };
    aei_core::load::load(path, registry, &host)
}

fn refused(code: &'static str, message: String) -> LoadError {
    let diagnostics = vec![Diagnostic::error(code, message, Span::NONE)];
    LoadError { diagnostics, sources: SourceMap::default() }
}

fn untrusted(path: &Path, error: &Unverified, rule: &str) -> LoadError {
    let mut refusal =
        refused("refused", format!("`{}` is refused: {error} ({rule})", path.display()));
    let help = match error {
        Unverified::Unsigned => format!(
            "sign it by `aei sign {0} --key FILE`, which writes `{0}{SIGNATURE_ENDING}`",
            path.display()
        ),
        Unverified::Changed { .. } => {
            "if the change is meant, have it signed anew by `aei sign`".to_owned()
        }
        Unverified::UnknownKey { .. } => {
            "trust the key by adding it to `keys` under `[trust]`, or sign with a trusted one"
                .to_owned()
        }
        Unverified::Unreadable(_) => "sign it anew by `aei sign`".to_owned(),
    };
    for diagnostic in &mut refusal.diagnostics {
        diagnostic.help = Some(help.clone());
    }
    refusal
}

/// A host that has the template's bytes at hand: those that were verified are those that run.
struct AtHand<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
    inner: Arc<dyn Host>,
}

impl Host for AtHand<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.inner.now()
    }

    fn uuid(&self) -> Uuid {
        self.inner.uuid()
    }

    fn random_int(&self, low: i64, high: i64) -> i64 {
        self.inner.random_int(low, high)
    }

    fn env(&self, name: &str) -> Option<String> {
        self.inner.env(name)
    }

    fn permit_read(&self, path: &Path) -> Result<(), Refusal> {
        if path == self.path { Ok(()) } else { self.inner.permit_read(path) }
    }

    fn size(&self, path: &Path) -> Result<Option<u64>, HostError> {
        if path == self.path { Ok(Some(self.bytes.len() as u64)) } else { self.inner.size(path) }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        if path == self.path { Ok(self.bytes.clone()) } else { self.inner.read(path) }
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HostError> {
        self.inner.write(path, content)
    }
}
