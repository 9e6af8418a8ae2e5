//! Programs that read what AEI writes. A missing one fails the test that needs it, unless
//! `AEI_SKIP_TOOLS=1` says that this machine shall do without.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) fn skipped() -> bool {
    std::env::var_os("AEI_SKIP_TOOLS").is_some_and(|value| value == "1")
}

/// `tests/tools`.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools")
}

/// Where `npm ci` put what `package.json` names.
pub(crate) fn modules() -> PathBuf {
    fetched().join("node_modules")
}

/// An XML Schema that `junit_schemas.sh` fetched.
pub(crate) fn schema(name: &str) -> PathBuf {
    let path = fetched().join("schemas").join(name);
    assert!(path.exists(), "`{}` is needed: scripts/test fetches it", path.display());
    path
}

/// The Python that has what `requirements.txt` names: where `scripts/test` says, or the one there is.
pub(crate) fn python() -> PathBuf {
    let venv = std::env::var_os("AEI_TEST_VENV").map(|venv| PathBuf::from(venv).join("bin/python"));
    venv.unwrap_or_else(|| "python3".into())
}

/// Where tools are kept: where `scripts/test` says, or `tests/tools`.
fn fetched() -> PathBuf {
    std::env::var_os("AEI_TEST_TOOLS").map_or_else(folder, PathBuf::from)
}

/// An empty folder of this test.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a program; `None` when tools are to be skipped.
pub(crate) fn run(program: &Path, arguments: &[&str]) -> Option<Output> {
    if skipped() {
        return None;
    }
    let output = Command::new(program).args(arguments).output();
    Some(output.unwrap_or_else(|error| {
        panic!("`{}` is needed (or set AEI_SKIP_TOOLS=1): {error}", program.display())
    }))
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}
