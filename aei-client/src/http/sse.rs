//! Server-sent events, as far as the [standard](https://html.spec.whatwg.org/multipage/server-sent-events.html)
//! matters between our own two ends: names, data of one or several lines, comments.

use std::time::Duration;

use futures_util::Stream;
use futures_util::stream;
use reqwest::Response;
use tokio::time::timeout;

use super::{Client, ClientError};

/// The longest event that is taken.
const MAX_EVENT: usize = 64 << 20;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerEvent {
    /// Its name; `message` when the server gave none.
    pub(crate) name: String,
    pub(crate) data: String,
}

/// What a piece of the stream gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Incoming {
    Event(ServerEvent),
    /// A comment: the server is alive.
    Alive,
}

/// Makes events of bytes that come in any pieces.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    /// The start of a line whose end has not come.
    rest: Vec<u8>,
    /// The last byte was a carriage return: a line feed after it ends no further line.
    after_return: bool,
    begun: bool,
    name: String,
    data: String,
    has_data: bool,
}

/// An event past all measure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Parser {
    /// Takes a piece and gives what became whole by it.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Vec<Incoming>, TooLong> {
        let mut found = Vec::new();
        let mut piece = match piece {
            [b'\n', rest @ ..] if self.after_return => rest,
            piece => piece,
        };
        self.after_return &= piece.is_empty();
        while let Some(end) = piece.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.rest.extend_from_slice(&piece[..end]);
            let line = std::mem::take(&mut self.rest);
            found.extend(self.line(&line));
            piece = match &piece[end..] {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_return = true;
                    &[]
                }
                rest => &rest[1..],
            };
        }
        self.rest.extend_from_slice(piece);
        if self.rest.len() + self.data.len() > MAX_EVENT { Err(TooLong) } else { Ok(found) }
    }

    fn line(&mut self, line: &[u8]) -> Option<Incoming> {
        let line = match line.strip_prefix(b"\xef\xbb\xbf") {
            Some(line) if !self.begun => line,
            _ => line,
        };
        self.begun = true;
        if line.is_empty() {
            return self.dispatch();
        }
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => return Some(Incoming::Alive),
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
            }
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Incoming> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        let name = if name.is_empty() { "message".to_owned() } else { name };
        Some(Incoming::Event(ServerEvent { name, data }))
    }
}

/// The events of an open stream. It ends when the server ends it; silence longer than `patience`
/// is an error, since the server sends at least comments.
pub(crate) fn events(
    client: Client,
    response: Response,
    patience: Duration,
) -> impl Stream<Item = Result<Incoming, ClientError>> + Send {
    let state = (client, response, Parser::default());
    let pieces = stream::try_unfold(state, move |(client, mut response, mut parser)| async move {
        let piece = match timeout(patience, response.chunk()).await {
            Ok(Ok(Some(piece))) => piece,
            Ok(Ok(None)) => return Ok(None),
            Ok(Err(error)) => return Err(client.broken_off(&error)),
            Err(_) => return Err(client.timed_out(patience)),
        };
        let found = parser.push(&piece).map_err(|TooLong| ClientError::Answer {
            server: client.server(),
            what: format!("an event of its stream is larger than {} MiB", MAX_EVENT >> 20),
        })?;
        let found = stream::iter(found.into_iter().map(Ok));
        Ok(Some((found, (client, response, parser))))
    });
    futures_util::TryStreamExt::try_flatten(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(name: &str, data: &str) -> Incoming {
        Incoming::Event(ServerEvent { name: name.to_owned(), data: data.to_owned() })
    }

    #[test]
    fn names_data_and_comments_are_told_apart() {
        let text = "\u{feff}: hello\n\nevent: command\ndata: {\"a\":\ndata: 1}\nid: 7\n\n\
                    data\n\nevent: nothing\n\nretry: 5\ndata:no blank\n\ndata: cut off";
        let found = Parser::default().push(text.as_bytes()).unwrap();
        let expected = [
            Incoming::Alive,
            event("command", "{\"a\":\n1}"),
            event("message", ""),
            event("message", "no blank"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut parser = Parser::default();
        let piece = vec![b'x'; 1 << 20];
        assert!((0..65).any(|_| parser.push(&piece) == Err(TooLong)));
    }

    proptest! {
        #[test]
        fn pieces_and_line_ends_do_not_matter(
            events in prop::collection::vec(("[a-z]{1,8}", "[ -~é\n]{0,40}", any::<bool>()), 0..8),
            end in prop::sample::select(vec!["\n", "\r", "\r\n"]),
            cuts in prop::collection::vec(1usize..9, 1..20),
        ) {
            let mut text = String::new();
            let mut expected = Vec::new();
            for (name, data, comment) in &events {
                if *comment {
                    text.push_str(&format!(": alive{end}"));
                    expected.push(Incoming::Alive);
                }
                text.push_str(&format!("event: {name}{end}"));
                for line in data.split('\n') {
                    text.push_str(&format!("data: {line}{end}"));
                }
                text.push_str(end);
                expected.push(event(name, data));
            }
            let (mut parser, mut found) = (Parser::default(), Vec::new());
            let mut rest = text.as_bytes();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, more) = rest.split_at((*cut).min(rest.len()));
                found.extend(parser.push(piece).unwrap());
                rest = more;
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn no_bytes_break_it(pieces in prop::collection::vec(any::<Vec<u8>>(), 0..8)) {
            let mut parser = Parser::default();
            for piece in pieces {
                let _ = parser.push(&piece);
            }
        }
    }
}
