use std::io::ErrorKind;
use std::process::ExitCode;

use aei_core::load::LoadError;
use aei_runner::PlanError;

use crate::terminal::plural;

/// What the exit status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything passed.
    Passed,
    /// Some case did not pass.
    Failed,
    /// A template, an input or a flag is wrong; nothing ran.
    Mistake,
    /// The infrastructure failed: a disk, a server, a plugin.
    Infrastructure,
    /// Somebody interrupted the run; its teardown has run.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Passed => 0,
            Exit::Failed => 1,
            Exit::Mistake => 2,
            Exit::Infrastructure => 3,
            Exit::Interrupted => 130,
        })
    }
}

/// Why a command stopped before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// Templates with mistakes, each shown with its place.
    #[error("{} cannot be loaded", plural(.0.len(), "template"))]
    Templates(Vec<LoadError>),
    /// A plan that cannot be made.
    #[error("{0}")]
    Plan(#[from] PlanError),
    /// A flag, an input or a file that makes no sense.
    #[error("{message}")]
    Mistake {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Something that should work did not.
    #[error("{0}")]
    Infrastructure(String),
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
}

impl Stop {
    /// A mistake without advice.
    pub(crate) fn mistake(message: impl Into<String>) -> Self {
        Self::Mistake { message: message.into(), help: None }
    }

    /// Adds advice to a mistake.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        match self {
            Self::Mistake { message, .. } => Self::Mistake { message, help: Some(help.into()) },
            other => other,
        }
    }

    /// Whether whoever read standard output has left. Nobody misses what comes then.
    pub(crate) fn is_reader_gone(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe)
    }

    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Templates(_) | Self::Plan(_) | Self::Mistake { .. } => Exit::Mistake,
            Self::Infrastructure(_) | Self::Output(_) => Exit::Infrastructure,
        }
    }
}

impl From<LoadError> for Stop {
    fn from(error: LoadError) -> Self {
        Self::Templates(vec![error])
    }
}
