use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use super::Refusal;

/// What a step asks at the moment of acting: of a host once its address is known, of a path once
/// its links are followed, of a program once it is found on `PATH`.
pub trait Guard: Send + Sync + fmt::Debug {
    /// Whether everything is allowed, so that nothing need be found out to ask.
    fn is_open(&self) -> bool {
        false
    }

    /// A kind of step runner.
    fn check_kind(&self, kind: &str) -> Result<(), Refusal>;

    /// A line for a shell.
    fn check_line(&self) -> Result<(), Refusal>;

    /// A program.
    fn check_program(&self, program: &Program<'_>) -> Result<(), Refusal>;

    /// Looking up the address of a host, which tells its name to the name servers of others.
    /// Refused when no address could make the host allowed.
    fn check_lookup(&self, host: &str, port: u16) -> Result<(), Refusal>;

    /// A host by the name that was asked for, with the address it has. Without an address only a
    /// proxy knows it.
    fn check_host(&self, host: &str, port: u16, address: Option<IpAddr>) -> Result<(), Refusal>;

    /// Reading a file or folder; the path is real: absolute, without `..`, links followed.
    fn check_read(&self, path: &Path) -> Result<(), Refusal>;

    /// Writing, making or deleting a file or folder, by its real path.
    fn check_write(&self, path: &Path) -> Result<(), Refusal>;

    /// An environment variable that a template reads or a program inherits.
    fn check_env(&self, name: &str) -> Result<(), Refusal>;

    /// How long things may take.
    fn limits(&self) -> Limits {
        Limits::default()
    }
}

/// A program that was found.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// As the template has it, for messages.
    pub asked: &'a str,
    /// Its place: the real path of its folder, and its own name.
    pub entry: &'a Path,
    /// Where that leads, links followed.
    pub real: &'a Path,
}

/// How long things may take at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// One attempt of a step.
    pub step: Option<Limit>,
    /// A case.
    pub case: Option<Limit>,
    /// A run.
    pub run: Option<Limit>,
}

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The longest time.
    pub time: Duration,
    /// Where it is set: the line of the policy.
    pub line: u32,
}

/// Allows everything: there is no policy.
#[derive(Debug, Clone, Copy, Default)]
pub struct Open;

impl Guard for Open {
    fn is_open(&self) -> bool {
        true
    }

    fn check_kind(&self, _: &str) -> Result<(), Refusal> {
        Ok(())
    }

    fn check_line(&self) -> Result<(), Refusal> {
        Ok(())
    }

    fn check_program(&self, _: &Program<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn check_lookup(&self, _: &str, _: u16) -> Result<(), Refusal> {
        Ok(())
    }

    fn check_host(&self, _: &str, _: u16, _: Option<IpAddr>) -> Result<(), Refusal> {
        Ok(())
    }

    fn check_read(&self, _: &Path) -> Result<(), Refusal> {
        Ok(())
    }

    fn check_write(&self, _: &Path) -> Result<(), Refusal> {
        Ok(())
    }

    fn check_env(&self, _: &str) -> Result<(), Refusal> {
        Ok(())
    }
}
