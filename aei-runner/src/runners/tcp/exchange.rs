use std::path::Path;
use std::time::Duration;

use aei_core::host::Host;
use aei_core::runner::{StepError, StepErrorKind};
use aei_core::template::{ByteSize, Period};
use regex::bytes::Regex;
use tokio::time::{Instant, timeout, timeout_at};

use super::connection::Connection;
use super::{Match, Outcome, Turn};
use crate::host::reason;
use crate::runners::hexadecimal::hexadecimal;

/// A turn, ready to be taken.
pub(super) enum Act {
    Send(Vec<u8>),
    SendEnd,
    Expect(Expectation, Duration),
}

/// What is waited for.
pub(super) enum Expectation {
    Text(String),
    Regex(Regex),
    Bytes(Vec<u8>),
    Length(usize),
    Line,
    Close,
}

impl Act {
    /// Reads the turn at a place of the list.
    pub(super) fn of(
        turn: &Turn,
        place: usize,
        within: Duration,
        work_dir: &Path,
        host: &dyn Host,
    ) -> Result<Self, StepError> {
        let wrong = |key: &str, message: String| {
            StepError::new(StepErrorKind::InvalidParams, message)
                .at(format!("/exchange/{place}{key}"))
        };
        let within = turn.within.map_or(within, |within| within.0);
        let expect = |expectation| Ok(Self::Expect(expectation, within));
        let hex = |key: &str, text: &str| {
            bytes_of(text).ok_or_else(|| wrong(key, format!("`{text}` is not hexadecimal")))
        };
        let asked = [
            turn.send.as_ref().map(|text| Ok(Self::Send(text.clone().into_bytes()))),
            turn.send_hex.as_ref().map(|text| hex("/send_hex", text).map(Self::Send)),
            turn.send_file.as_ref().map(|name| {
                let content = host.read(&work_dir.join(name));
                content.map(Self::Send).map_err(|error| {
                    StepError::new(StepErrorKind::Io, error.to_string())
                        .at(format!("/exchange/{place}/send_file"))
                })
            }),
            turn.send_end.then_some(Ok(Self::SendEnd)),
            turn.expect.as_ref().map(|text| expect(Expectation::Text(text.clone()))),
            turn.expect_regex.as_ref().map(|pattern| {
                let regex = Regex::new(pattern)
                    .map_err(|error| wrong("/expect_regex", error.to_string()))?;
                expect(Expectation::Regex(regex))
            }),
            turn.expect_hex
                .as_ref()
                .map(|text| hex("/expect_hex", text).and_then(|b| expect(Expectation::Bytes(b)))),
            turn.expect_length.map(|length| expect(Expectation::Length(length))),
            turn.expect_line.then(|| expect(Expectation::Line)),
            turn.expect_close.then(|| expect(Expectation::Close)),
        ];
        let mut asked = asked.into_iter().flatten();
        match (asked.next(), asked.next()) {
            (None, _) => Err(wrong("", "a turn needs a `send…` or an `expect…`".into())),
            (Some(_), Some(_)) => {
                Err(wrong("", "a turn does one thing".into()).help("Make two turns of it."))
            }
            (Some(Ok(Self::Send(_) | Self::SendEnd)), None) if turn.within.is_some() => {
                Err(wrong("/within", "`within` goes with an expectation".into()))
            }
            (Some(act), None) => act,
        }
    }
}

/// The bytes that a text spells in hexadecimal.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b':').collect();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// How much of `unread` meets the expectation, and the groups of a regular expression.
type Met = Option<(usize, Vec<Option<String>>)>;

impl Expectation {
    fn met(&self, unread: &[u8], closed: bool) -> Met {
        let find = |needle: &[u8]| {
            memchr::memmem::find(unread, needle).map(|start| (start + needle.len(), Vec::new()))
        };
        match self {
            Self::Text(text) => find(text.as_bytes()),
            Self::Bytes(bytes) => find(bytes),
            Self::Line => find(b"\n"),
            Self::Length(length) => (unread.len() >= *length).then(|| (*length, Vec::new())),
            Self::Close => closed.then(|| (unread.len(), Vec::new())),
            Self::Regex(regex) => {
                let found = regex.captures(unread)?;
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let groups =
                    found.iter().skip(1).map(|group| group.map(|group| text(group.as_bytes())));
                Some((found.get(0)?.end(), groups.collect()))
            }
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Text(text) => format!("the text `{}`", text.escape_debug()),
            Self::Bytes(bytes) => format!("the bytes `{}`", hexadecimal(bytes)),
            Self::Line => "a line".to_owned(),
            Self::Length(length) => format!("{length} bytes"),
            Self::Close => "the end of the connection".to_owned(),
            Self::Regex(regex) => format!("what fits `{regex}`"),
        }
    }
}

/// An exchange on a connection, with all that has come of it.
pub(super) struct Exchange<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) outcome: &'a mut Outcome,
    pub(super) received: Vec<u8>,
    pub(super) max_received: usize,
    /// How long sending may take.
    pub(super) within: Duration,
    pub(super) started: Instant,
}

impl Exchange<'_> {
    /// Takes one turn. Whether the next may follow.
    pub(super) async fn take(&mut self, act: &Act, place: usize) -> Result<bool, StepError> {
        match act {
            Act::Send(content) => {
                let before = self.connection.unread.len();
                let room = self.max_received.saturating_sub(self.received.len());
                let sending = self.connection.send(content, room);
                let sent = match timeout(self.within, sending).await {
                    Ok(sent) => sent.map_err(|error| reason(&error)),
                    Err(_) => Err(format!("not taken within {}", Period(self.within))),
                };
                self.received.extend_from_slice(&self.connection.unread[before..]);
                self.limit()?;
                if sent.is_ok() {
                    self.outcome.bytes_out += content.len() as u64;
                }
                Ok(self.sent(sent, place))
            }
            Act::SendEnd => {
                let sent = self.connection.send_end().await;
                Ok(self.sent(sent.map_err(|error| reason(&error)), place))
            }
            Act::Expect(expectation, within) => self.expect(expectation, *within, place).await,
        }
    }

    /// Sending to one who has hung up says something about the other side, too.
    fn sent(&mut self, sent: Result<(), String>, place: usize) -> bool {
        if let Err(error) = sent {
            self.connection.closed = true;
            self.outcome.unmet = format!("turn {}: could not be sent: {error}", place + 1);
            return false;
        }
        true
    }

    async fn expect(
        &mut self,
        expectation: &Expectation,
        within: Duration,
        place: usize,
    ) -> Result<bool, StepError> {
        let end = Instant::now() + within;
        loop {
            let Connection { unread, closed, .. } = &*self.connection;
            if let Some((length, groups)) = expectation.met(unread, *closed) {
                let bytes: Vec<u8> = self.connection.unread.drain(..length).collect();
                self.outcome.matches.push(self.found(expectation, &bytes, groups));
                return Ok(true);
            }
            let before = unread.len();
            let why = if *closed {
                "the connection was closed".to_owned()
            } else {
                match timeout_at(end, self.connection.receive()).await {
                    Ok(Ok(_)) => {
                        self.received.extend_from_slice(&self.connection.unread[before..]);
                        self.limit()?;
                        continue;
                    }
                    Ok(Err(error)) => {
                        self.connection.closed = true;
                        reason(&error)
                    }
                    Err(_) => format!("nothing of the kind within {}", Period(within)),
                }
            };
            let unread = String::from_utf8_lossy(&self.connection.unread);
            let expected = expectation.words();
            self.outcome.unmet = format!(
                "turn {}: expected {expected}: {why}; {} bytes not matched: `{}`",
                place + 1,
                self.connection.unread.len(),
                start_of(&unread).escape_debug()
            );
            return Ok(false);
        }
    }

    fn found(&self, expectation: &Expectation, bytes: &[u8], groups: Vec<Option<String>>) -> Match {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        if matches!(expectation, Expectation::Line) {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        let at_ms = self.started.elapsed().as_secs_f64() * 1000.0;
        Match { text, hex: hexadecimal(bytes), groups, at_ms }
    }

    fn limit(&self) -> Result<(), StepError> {
        if self.received.len() <= self.max_received {
            return Ok(());
        }
        let limit = ByteSize(self.max_received as u64);
        let message = format!("received more than `max_received`, {limit}");
        Err(StepError::new(StepErrorKind::Limit, message).at("/max_received"))
    }
}

/// As much of a text as a message can bear.
fn start_of(text: &str) -> &str {
    let end = text.char_indices().nth(80).map_or(text.len(), |(end, _)| end);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_reads_and_prints() {
        assert_eq!(bytes_of("0D 0a:fF"), Some(vec![13, 10, 255]));
        assert_eq!(hexadecimal(&[13, 10, 255]), "0d0aff");
        for wrong in ["0", "0g", "é0"] {
            assert_eq!(bytes_of(wrong), None, "{wrong}");
        }
    }
}
