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

/// Where `npm ci` put what `package.json` names: where `scripts/test` says, or `tests/tools`.
pub(crate) fn modules() -> PathBuf {
    let chosen = std::env::var_os("AEI_TEST_TOOLS").map(PathBuf::from);
    chosen.unwrap_or_else(folder).join("node_modules")
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
