use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use aei_core::diagnostic::nearest;
use aei_core::policy::{Guard, Refusal};
use aei_core::runner::{State, StepContext, StepError, StepErrorKind};
use serde_json::Value;
use tokio::process::{Child, Command};

use super::group::{Group, Tag, next_tag};
use super::params::{Params, Word};
use crate::guard::program::{NotStarted, find, inherits};
use crate::guard::{Way, open, real_path};
use crate::host::reason;

const SHELL: &str = "/bin/sh";

/// What to start.
pub(super) struct Launch {
    program: String,
    arguments: Vec<String>,
    cwd: PathBuf,
    env: Vec<(String, Option<String>)>,
    clean_env: bool,
    stdin: Stdin,
    /// The key of `with` that named the program.
    key: &'static str,
    /// The program that the node's policy was asked about, when there is one.
    found: Option<PathBuf>,
}

/// Where standard input comes from.
enum Stdin {
    Empty,
    Text(Vec<u8>),
    File(File),
}

impl Launch {
    /// Takes what says how to start out of the parameters.
    pub(super) fn new(params: &mut Params, cx: &StepContext) -> Result<Self, StepError> {
        let (program, arguments, key) = program(params)?;
        let cwd = match &params.cwd {
            Some(cwd) => cx.work_dir.join(cwd),
            None => cx.work_dir.clone(),
        };
        let mut launch = Self {
            program,
            arguments,
            cwd,
            env: environment(params)?,
            clean_env: params.clean_env,
            stdin: stdin(params, cx)?,
            key,
            found: None,
        };
        if !cx.policy.is_open() {
            launch.ask(&*cx.policy)?;
            if params.cwd.is_some() {
                let folder = real_path(&launch.cwd);
                if folder != real_path(&cx.work_dir) {
                    let refused = |refusal| StepError::from(refusal).at("/cwd");
                    cx.policy.check_read(&folder).map_err(refused)?;
                }
            }
        }
        Ok(launch)
    }

    /// Asks the node's policy about the program, and leaves of the environment what it may see.
    fn ask(&mut self, policy: &dyn Guard) -> Result<(), StepError> {
        let at = format!("/{}", self.key);
        let refused = |refusal: Refusal| StepError::from(refusal).at(at.clone());
        if self.key != "argv" {
            policy.check_line().map_err(refused)?;
        }
        // The shell that lines are given to is allowed with them.
        self.found = if self.key == "run" {
            Some(PathBuf::from(SHELL))
        } else {
            match find(policy, &self.program, &self.resolved()) {
                Ok(found) => Some(found),
                Err(NotStarted::Refused(refusal)) => return Err(refused(refusal)),
                Err(NotStarted::NotFound) => {
                    return Err(self.explained(&io::ErrorKind::NotFound.into()));
                }
            }
        };
        if let Some((name, _)) = self.env.iter().find(|(name, _)| loads_code(name)) {
            policy.check_line().map_err(|Refusal { rule, .. }| {
                let what = format!("the variable `{name}`, which loads code into any program,");
                StepError::from(Refusal { rule, what }).at("/env")
            })?;
        }
        if !self.clean_env {
            let own: Vec<String> =
                std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
            let hidden = own.into_iter().filter(|name| !inherits(policy, name));
            // In front: what the step sets itself comes after and stays.
            self.env.splice(0..0, hidden.map(|name| (name, None)));
        }
        Ok(())
    }

    /// Starts it as the leader of a group of its own. What is left is the text for its standard
    /// input.
    pub(super) fn spawn(self, run: &State) -> Result<(Child, Group, Vec<u8>), StepError> {
        let tag = next_tag(run);
        let mut command = match &self.found {
            None => Command::new(self.resolved()),
            Some(found) => Command::new(found),
        };
        #[cfg(unix)]
        if self.found.is_some() {
            command.arg0(&self.program);
        }
        if self.clean_env {
            command.env_clear();
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.args(&self.arguments).env(Tag::VARIABLE, tag.value()).kill_on_drop(true);
        // An empty path stands for "here".
        if !self.cwd.as_os_str().is_empty() {
            command.current_dir(&self.cwd);
        }
        #[cfg(unix)]
        command.process_group(0);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let text = match self.stdin {
            Stdin::Empty => {
                command.stdin(Stdio::null());
                Vec::new()
            }
            Stdin::File(ref file) => {
                let file = file.try_clone().map_err(|error| self.explained(&error))?;
                command.stdin(file);
                Vec::new()
            }
            Stdin::Text(ref text) => {
                command.stdin(Stdio::piped());
                text.clone()
            }
        };
        let child = command.spawn().map_err(|error| self.explained(&error))?;
        let group = Group::of(&child, tag);
        Ok((child, group, text))
    }

    /// The program; a path is relative to the folder it runs in, on every system.
    fn resolved(&self) -> PathBuf {
        let path = Path::new(&self.program);
        if path.components().count() > 1 { self.cwd.join(path) } else { path.to_owned() }
    }

    /// Why it did not start, in words that say what to mend.
    fn explained(&self, error: &io::Error) -> StepError {
        let wrong = |message: String| StepError::new(StepErrorKind::InvalidParams, message);
        let at = format!("/{}", self.key);
        if !self.cwd.is_dir() && !self.cwd.as_os_str().is_empty() {
            return wrong(format!("`{}` is not a folder to run in", self.cwd.display())).at("/cwd");
        }
        let path = self.resolved();
        let is_path = path.components().count() > 1;
        match error.kind() {
            io::ErrorKind::NotFound if is_path && path.exists() => {
                wrong(format!("the interpreter that `{}` asks for was not found", self.program))
                    .help("Look at the first line of the script, after `#!`.")
                    .at(at)
            }
            io::ErrorKind::NotFound if is_path => {
                wrong(format!("`{}` was not found: there is no `{}`", self.program, path.display()))
                    .at(at)
            }
            io::ErrorKind::NotFound => {
                let error = wrong(format!("`{}` was not found on PATH", self.program)).at(at);
                match self.similar() {
                    Some(help) => error.help(help),
                    None => error,
                }
            }
            io::ErrorKind::PermissionDenied if path.is_dir() => {
                wrong(format!("`{}` is a folder, not a program", self.program)).at(at)
            }
            io::ErrorKind::PermissionDenied => {
                wrong(format!("`{}` may not be executed", self.program))
                    .help(format!("Make it executable: `chmod +x {}`.", self.program))
                    .at(at)
            }
            io::ErrorKind::ArgumentListTooLong => {
                wrong(format!("the arguments and environment of `{}` are too long", self.program))
                    .help("Hand a long text over by `stdin`.")
                    .at(at)
            }
            _ => {
                let message = format!("cannot start `{}`: {}", self.program, reason(error));
                StepError::new(StepErrorKind::Io, message)
            }
        }
    }

    /// A hint at what may have been meant.
    fn similar(&self) -> Option<String> {
        if self.program.contains(char::is_whitespace) {
            return Some("For a line of the shell, use `run` instead of `argv`.".to_owned());
        }
        if self.cwd.join(&self.program).is_file() {
            return Some(format!(
                "There is a file of this name in the folder: write `./{}`.",
                self.program
            ));
        }
        let on_path = programs(std::env::var_os("PATH").as_deref()?);
        let name = nearest(&self.program, on_path.iter().map(String::as_str))?;
        Some(format!("Did you mean `{name}`?"))
    }
}

/// Whether a variable makes the system's loader bring other code into a program.
fn loads_code(name: &str) -> bool {
    name.starts_with("LD_") || name.starts_with("DYLD_")
}

/// The names in the folders of a PATH.
fn programs(path: &OsStr) -> Vec<String> {
    std::env::split_paths(path)
        .filter_map(|folder| folder.read_dir().ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect()
}

fn program(params: &mut Params) -> Result<(String, Vec<String>, &'static str), StepError> {
    let wrong = |message: &str| StepError::new(StepErrorKind::InvalidParams, message);
    match (params.run.take(), params.argv.take()) {
        (Some(_), Some(_)) => Err(wrong("`run` and `argv` exclude each other")
            .at("/argv")
            .help("Use `run` for a line of the shell, `argv` for a program and its arguments.")),
        (None, None) => Err(wrong("one of `run` and `argv` is needed")),
        (Some(line), None) => {
            let (shell, key) = match params.shell.take() {
                Some(shell) => (shell, "shell"),
                None => (SHELL.to_owned(), "run"),
            };
            Ok((shell, vec!["-c".to_owned(), line], key))
        }
        (None, Some(argv)) => {
            if params.shell.is_some() {
                return Err(wrong("`shell` goes with `run`, not with `argv`").at("/shell"));
            }
            let mut words = argv.into_iter().map(|word| word.0);
            let program = words
                .next()
                .filter(|program| !program.is_empty())
                .ok_or_else(|| wrong("`argv` names no program").at("/argv"))?;
            Ok((program, words.collect(), "argv"))
        }
    }
}

fn environment(params: &mut Params) -> Result<Vec<(String, Option<String>)>, StepError> {
    let wrong = |name: &str, message: String| {
        let pointer = format!("/env/{}", name.replace('~', "~0").replace('/', "~1"));
        StepError::new(StepErrorKind::InvalidParams, message).at(pointer)
    };
    std::mem::take(&mut params.env)
        .into_iter()
        .map(|(name, value)| {
            if name.is_empty() || name.contains(['=', '\0']) {
                return Err(wrong(&name, format!("`{name}` is no name for a variable")));
            }
            match value {
                Value::Null => Ok((name, None)),
                value => match Word::of(value) {
                    Some(Word(text)) => Ok((name, Some(text))),
                    None => Err(wrong(
                        &name,
                        format!("the variable `{name}` must be a text, a number or a boolean"),
                    )),
                },
            }
        })
        .collect()
}

fn stdin(params: &mut Params, cx: &StepContext) -> Result<Stdin, StepError> {
    match (params.stdin.take(), params.stdin_json.take(), params.stdin_file.take()) {
        (None, None, None) => Ok(Stdin::Empty),
        (Some(text), None, None) => Ok(Stdin::Text(text.into_bytes())),
        (None, Some(value), None) => Ok(Stdin::Text(value.to_string().into_bytes())),
        (None, None, Some(name)) => {
            let path = cx.work_dir.join(&name);
            let file = open(&*cx.policy, &path, Way::Read).map_err(|denied| {
                let error = denied.into_error(|error| {
                    let message = format!("cannot read `{}`: {}", path.display(), reason(&error));
                    StepError::new(StepErrorKind::Io, message)
                });
                error.at("/stdin_file")
            })?;
            Ok(Stdin::File(file))
        }
        _ => Err(StepError::new(
            StepErrorKind::InvalidParams,
            "`stdin`, `stdin_json` and `stdin_file` exclude each other",
        )),
    }
}
