use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program under test.
pub(crate) const AEI: &str = env!("CARGO_BIN_EXE_aei");

/// `aei` in a folder, with an environment that no test machine can spoil.
pub(crate) fn aei(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(AEI);
    command.args(args);
    calm(&mut command, dir);
    command
}

/// Takes away what could change the output.
pub(crate) fn calm(command: &mut Command, dir: &Path) {
    let bin = Path::new(AEI).parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    command.current_dir(dir).stdin(Stdio::null()).env("PATH", format!("{bin}:{path}"));
    command.env("HOME", dir).env("LC_ALL", "C.UTF-8").env("TERM", "xterm-256color");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "CI"] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AEI_INPUT_")) {
        command.env_remove(name);
    }
}

pub(crate) fn run(dir: &Path, args: &[&str]) -> Output {
    aei(dir, args).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Nothing here takes longer on any machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for a condition.
pub(crate) fn until(what: &str, holds: impl FnMut() -> bool) {
    until_at_most(PATIENCE, what, holds);
}

/// The same for what may take longer.
pub(crate) fn until_at_most(patience: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < patience, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Waits for a line of a child's output, and gives all lines up to it.
pub(crate) fn lines_until(reader: &mut impl BufRead, part: &str) -> String {
    let mut all = String::new();
    loop {
        let before = all.len();
        reader.read_line(&mut all).unwrap();
        assert!(all.len() > before, "`{part}` never came; there was: {all}");
        if all[before..].contains(part) {
            return all;
        }
    }
}

/// A child that is killed when its test ends early.
pub(crate) struct Guarded(pub(crate) Child);

impl Guarded {
    pub(crate) fn spawn(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    pub(crate) fn stderr(&mut self) -> BufReader<std::process::ChildStderr> {
        BufReader::new(self.0.stderr.take().unwrap())
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    pub(crate) fn code(&mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
