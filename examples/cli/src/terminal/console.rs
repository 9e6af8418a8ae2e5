use std::io::{self, IsTerminal, Write};

use aei_core::diagnostic::Diagnostic;
use aei_core::source::{self, SourceMap};
use aei_runner::PlanError;

use super::Paint;
use crate::exit::Stop;

/// The two streams of the program, and how to write on them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    no_color: bool,
}

impl Terminal {
    pub(crate) const fn new(no_color: bool) -> Self {
        Self { no_color }
    }

    /// Colours of standard output.
    pub(crate) fn out(&self) -> Paint {
        Paint::of(&io::stdout(), self.no_color)
    }

    /// Colours of standard error.
    pub(crate) fn err(&self) -> Paint {
        Paint::of(&io::stderr(), self.no_color)
    }

    /// Columns of standard output, when it is a terminal.
    #[expect(clippy::unused_self, reason = "one face for both streams")]
    pub(crate) fn width(&self) -> Option<usize> {
        if !io::stdout().is_terminal() {
            return None;
        }
        let size = terminal_size::terminal_size_of(io::stdout());
        size.map(|(width, _)| usize::from(width.0))
    }

    /// Writes results or data, as they are.
    pub(crate) fn print(&self, text: &str) -> Result<(), Stop> {
        self.print_bytes(text.as_bytes())
    }

    /// Writes bytes, as they are.
    #[expect(clippy::unused_self, reason = "one face for both streams")]
    pub(crate) fn print_bytes(&self, bytes: &[u8]) -> Result<(), Stop> {
        let mut out = io::stdout().lock();
        Ok(out.write_all(bytes).and_then(|()| out.flush())?)
    }

    /// Writes a line of talk. A standard error that is closed is nobody's loss.
    #[expect(clippy::unused_self, reason = "one face for both streams")]
    pub(crate) fn say(&self, line: &str) {
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Says why a command stopped.
    pub(crate) fn complain(&self, stop: &Stop) {
        match stop {
            Stop::Templates(errors) => {
                for (place, error) in errors.iter().enumerate() {
                    if place > 0 {
                        self.say("");
                    }
                    self.diagnose(&error.diagnostics, &error.sources);
                }
            }
            Stop::Plan(PlanError::Template { diagnostics, sources }) => {
                self.diagnose(diagnostics, sources);
            }
            Stop::Plan(PlanError::Inputs(errors)) => {
                for error in errors {
                    self.mistake(&error.message, Some(&error.help));
                }
            }
            Stop::Mistake { message, help } => self.mistake(message, help.as_deref()),
            other => self.mistake(&other.to_string(), None),
        }
    }

    fn mistake(&self, message: &str, help: Option<&str>) {
        let paint = self.err();
        self.say(&format!("{} {message}", paint.bad("error:")));
        if let Some(help) = help {
            self.say(&format!("{} {help}", paint.bold("help:")));
        }
    }

    /// Shows mistakes with their places.
    pub(crate) fn diagnose(&self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        self.say(source::render(diagnostics, sources, self.err().color).trim_end());
    }
}
