use std::fmt::Display;

use aei_core::event::Status;
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

/// Colours, or none: decided once for each stream.
///
/// `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM=dumb` are obeyed. Colour never carries
/// meaning alone: a word or a symbol says the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    pub(crate) color: bool,
}

impl Paint {
    /// No colours.
    pub(crate) const PLAIN: Self = Self { color: false };

    /// What suits a stream.
    pub(crate) fn of(stream: &impl RawStream, no_color: bool) -> Self {
        let color = !no_color && AutoStream::choice(stream) != ColorChoice::Never;
        Self { color }
    }

    fn put(self, style: Style, text: impl Display) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    pub(crate) fn bold(self, text: impl Display) -> String {
        self.put(Style::new().bold(), text)
    }

    pub(crate) fn dim(self, text: impl Display) -> String {
        self.put(Style::new().dimmed(), text)
    }

    pub(crate) fn good(self, text: impl Display) -> String {
        self.put(AnsiColor::Green.on_default(), text)
    }

    pub(crate) fn bad(self, text: impl Display) -> String {
        self.put(AnsiColor::Red.on_default().bold(), text)
    }

    pub(crate) fn removed(self, text: impl Display) -> String {
        self.put(AnsiColor::Red.on_default(), text)
    }

    pub(crate) fn warn(self, text: impl Display) -> String {
        self.put(AnsiColor::Yellow.on_default(), text)
    }

    pub(crate) fn place(self, text: impl Display) -> String {
        self.put(AnsiColor::Cyan.on_default(), text)
    }

    /// A text in the colour of a status.
    pub(crate) fn status(self, status: Status, text: impl Display) -> String {
        match status {
            Status::Passed => self.good(text),
            Status::Skipped => self.dim(text),
            Status::Cancelled => self.warn(text),
            Status::Failed | Status::TimedOut | Status::Errored | Status::Refused => self.bad(text),
        }
    }
}

/// The sign of a status.
pub(crate) const fn symbol(status: Status) -> &'static str {
    match status {
        Status::Passed => "✓",
        Status::Skipped => "○",
        Status::Cancelled => "-",
        Status::Failed => "✗",
        Status::TimedOut | Status::Errored => "!",
        Status::Refused => "⊘",
    }
}

/// The word of a status, for people.
pub(crate) const fn word(status: Status) -> &'static str {
    match status {
        Status::TimedOut => "timed out",
        other => other.as_str(),
    }
}
