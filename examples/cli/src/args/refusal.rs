//! What is said when what was typed makes no sense.

use std::error::Error as _;
use std::path::Path;

use aei_core::diagnostic::nearest;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Error};

use super::Cli;
use crate::exit::Stop;

/// The mistake, in the words of this program. `None`: it is none, but a wish for help, or clap's
/// own words are as good.
pub(crate) fn refusal(error: &Error) -> Option<Stop> {
    let told = Told { error, command: command(error) };
    match error.kind() {
        ErrorKind::InvalidSubcommand => told.no_command(),
        ErrorKind::MissingRequiredArgument => told.missing(),
        ErrorKind::UnknownArgument => told.unknown(),
        ErrorKind::ValueValidation => told.wrong_value(),
        ErrorKind::InvalidValue => told.no_such_value(),
        _ => None,
    }
}

struct Told<'a> {
    error: &'a Error,
    /// What was called: `aei run`.
    command: String,
}

/// The words of a usage line before its arguments.
fn command(error: &Error) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    let words = usage.split_whitespace().skip_while(|word| *word != "aei");
    let words: Vec<&str> = words.take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
    if words.is_empty() { "aei".to_owned() } else { words.join(" ") }
}

/// `--report <FORMAT=PATH>` as `--report`, `<TEMPLATE>...` as `TEMPLATE`.
fn plain(argument: &str) -> String {
    let name = argument.split_once(" <").map_or(argument, |(flag, _)| flag);
    name.trim_end_matches("...").trim_matches(['<', '>', '[', ']']).to_owned()
}

impl Told<'_> {
    fn text(&self, kind: ContextKind) -> Option<&str> {
        match self.error.get(kind)? {
            ContextValue::String(text) => Some(text),
            _ => None,
        }
    }

    fn list(&self, kind: ContextKind) -> &[String] {
        match self.error.get(kind) {
            Some(ContextValue::Strings(all)) => all,
            Some(ContextValue::String(one)) => std::slice::from_ref(one),
            _ => &[],
        }
    }

    fn see_help(&self) -> String {
        format!("`{} --help` tells more", self.command)
    }

    fn no_command(&self) -> Option<Stop> {
        let word = self.text(ContextKind::InvalidSubcommand)?;
        let mistake = Stop::mistake(format!("there is no command `{} {word}`", self.command));
        let names = subcommands(&self.command);
        Some(mistake.help(match nearest(word, names.iter().map(String::as_str)) {
            Some(like) => format!("did you mean `{} {like}`?", self.command),
            None if self.command == "aei" && is_template(word) => {
                format!("to run a template: `aei run {word}`")
            }
            None => format!("`{} --help` lists the commands", self.command),
        }))
    }

    fn missing(&self) -> Option<Stop> {
        let missing = self.list(ContextKind::InvalidArg);
        let first = plain(missing.first()?);
        let all: Vec<String> = missing.iter().map(|name| format!("`{}`", plain(name))).collect();
        let help = if first == "TEMPLATE" {
            format!(
                "name a template, or a folder of templates: `{} tests/`; `aei new --output \
                 first.aei.yaml` starts a first one",
                self.command
            )
        } else {
            format!("`{} --help` shows what it is", self.command)
        };
        let message = format!("`{}` needs {}", self.command, all.join(" and "));
        Some(Stop::mistake(message).help(help))
    }

    fn unknown(&self) -> Option<Stop> {
        let argument = self.text(ContextKind::InvalidArg)?;
        if !argument.starts_with('-') {
            let message = format!("`{}` does not take `{argument}`", self.command);
            return Some(Stop::mistake(message).help(self.see_help()));
        }
        let message = format!("`{}` has no flag `{argument}`", self.command);
        Some(Stop::mistake(message).help(match self.list(ContextKind::SuggestedArg) {
            [like, ..] => format!("did you mean `{}`?", plain(like)),
            [] => self.see_help(),
        }))
    }

    fn wrong_value(&self) -> Option<Stop> {
        let flag = plain(self.text(ContextKind::InvalidArg)?);
        let value = self.text(ContextKind::InvalidValue)?;
        let why = self.error.source()?.to_string();
        let names_it = why.contains(&format!("`{value}`"));
        let what = if names_it { flag } else { format!("`{flag} {value}`") };
        Some(Stop::mistake(format!("{what}: {why}")))
    }

    fn no_such_value(&self) -> Option<Stop> {
        let argument = self.text(ContextKind::InvalidArg)?;
        let (flag, value) = (plain(argument), self.text(ContextKind::InvalidValue)?);
        if value.is_empty() {
            let wanted = argument.split_once(" <").map_or("value", |(_, name)| name);
            return Some(Stop::mistake(format!("{flag}: its {} is missing", plain(wanted))));
        }
        let known = self.list(ContextKind::ValidValue);
        let mistake = Stop::mistake(format!("{flag}: there is no `{value}`"));
        Some(mistake.help(match nearest(value, known.iter().map(String::as_str)) {
            Some(like) => format!("did you mean `{like}`?"),
            None => format!("one of {}", known.join(", ")),
        }))
    }
}

fn subcommands(command: &str) -> Vec<String> {
    let mut at: Command = Cli::command();
    for word in command.split(' ').skip(1) {
        match at.find_subcommand(word) {
            Some(inner) => at = inner.clone(),
            None => return Vec::new(),
        }
    }
    at.get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

fn is_template(word: &str) -> bool {
    let ending = |ending: &str| {
        Path::new(word).extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
    };
    ending("yaml") || ending("yml") || ending("json") || Path::new(word).exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn said(line: &str) -> String {
        let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
        match refusal(&error) {
            Some(Stop::Mistake { message, help }) => {
                help.map_or(message.clone(), |help| format!("{message}; {help}"))
            }
            other => panic!("{line}: {other:?} {error}"),
        }
    }

    #[test]
    fn likely_slips_are_understood() {
        for (line, words) in [
            ("aei t.aei.yaml", "`aei t.aei.yaml`; to run a template: `aei run t.aei.yaml`"),
            ("aei src", "to run a template: `aei run src`"),
            ("aei runn", "did you mean `aei run`?"),
            (
                "aei report opn",
                "there is no command `aei report opn`; did you mean `aei report open`?",
            ),
            ("aei frobnicate", "`aei --help` lists the commands"),
            ("aei run", "`aei run` needs `TEMPLATE`; name a template"),
            ("aei report convert", "`aei report convert` needs `--to` and `REPORT`; "),
            ("aei run t --job 3", "`aei run` has no flag `--job`; did you mean `--jobs`?"),
            ("aei demo x", "`aei demo` does not take `x`; `aei demo --help` tells more"),
            ("aei run t --jobs 0", "`--jobs 0`: write a number from 1 to 65535"),
            ("aei run t --jobs", "--jobs: its N is missing"),
            ("aei run t --retries few", "`--retries few`: write a whole number"),
            ("aei run t --shard 3/2", "--shard: `3/2` is not a shard; write `k/n`"),
            ("aei schema evnt", "OF: there is no `evnt`; did you mean `event`?"),
            ("aei schema 7", "OF: there is no `7`; one of template, event, report"),
            (
                "aei run t --report junit.xml",
                "--report: `junit.xml` names no format; write `junit=junit.xml`",
            ),
        ] {
            let said = said(line);
            assert!(said.contains(words), "{line}: {said}");
        }
    }

    #[test]
    fn a_wish_for_help_is_no_mistake() {
        for line in ["aei --help", "aei", "aei --version", "aei help run"] {
            let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
            assert!(refusal(&error).is_none(), "{line}");
        }
    }
}
