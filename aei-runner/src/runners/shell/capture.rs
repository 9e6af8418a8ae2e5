use std::collections::VecDeque;

use aei_core::template::ByteSize;
use serde_json::Value;

/// What a stream printed: all of it up to a limit, past it the first and the last half.
///
/// A long log tells most at its two ends: what was started, and how it ended.
#[derive(Debug)]
pub(super) struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    limit: usize,
    total: u64,
}

impl Capture {
    pub(super) const fn new(limit: usize) -> Self {
        Self { head: Vec::new(), tail: VecDeque::new(), limit, total: 0 }
    }

    /// How many bytes still fit.
    pub(super) fn room(&self) -> usize {
        usize::try_from(self.total).map_or(0, |total| self.limit.saturating_sub(total))
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn push(&mut self, mut chunk: &[u8]) {
        self.total += chunk.len() as u64;
        if self.total <= self.limit as u64 {
            self.head.extend_from_slice(chunk);
            return;
        }
        let keep = self.limit / 2;
        if self.tail.is_empty() && self.head.len() > keep {
            self.tail.extend(self.head.drain(keep..));
        }
        let (to_head, rest) = chunk.split_at(chunk.len().min(keep.saturating_sub(self.head.len())));
        self.head.extend_from_slice(to_head);
        chunk = &rest[rest.len().saturating_sub(self.limit - keep)..];
        let overflow = (self.tail.len() + chunk.len()).saturating_sub(self.limit - keep);
        self.tail.drain(..overflow);
        self.tail.extend(chunk);
    }

    pub(super) const fn truncated(&self) -> bool {
        self.total > self.limit as u64
    }

    /// What was printed, as JSON, when it is.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.head).ok()
    }

    /// The text kept, with a mark where something is left out, without its last line end.
    pub(super) fn into_text(mut self) -> String {
        if !self.truncated() {
            let mut text = String::from_utf8(self.head)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            trim_line_end(&mut text);
            return text;
        }
        let tail: &[u8] = self.tail.make_contiguous();
        // The cut may go through a character: its halves are left out as well.
        let tail = &tail[tail.iter().take(3).take_while(|byte| is_continuation(**byte)).count()..];
        let head = &self.head[..whole_characters(&self.head)];
        let left_out = self.total - (head.len() + tail.len()) as u64;
        let mark = format!(
            "\n[… {left_out} bytes left out, past the limit of {} …]\n",
            ByteSize(self.limit as u64)
        );
        let mut text = String::from_utf8_lossy(head).into_owned();
        text.push_str(&mark);
        text.push_str(&String::from_utf8_lossy(tail));
        trim_line_end(&mut text);
        text
    }
}

const fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

/// The length of `bytes` without a character that is cut off at its end.
pub(super) fn whole_characters(bytes: &[u8]) -> usize {
    let start = bytes.len().saturating_sub(3);
    let Some(lead) = bytes[start..].iter().rposition(|byte| !is_continuation(*byte)) else {
        return bytes.len();
    };
    let lead = start + lead;
    let length = match bytes[lead] {
        0b1100_0000..=0b1101_1111 => 2,
        0b1110_0000..=0b1110_1111 => 3,
        0b1111_0000..=0b1111_0111 => 4,
        _ => 1,
    };
    if lead + length > bytes.len() { lead } else { bytes.len() }
}

fn trim_line_end(text: &mut String) {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn captured(limit: usize, chunks: &[&[u8]]) -> String {
        let mut capture = Capture::new(limit);
        for chunk in chunks {
            capture.push(chunk);
        }
        capture.into_text()
    }

    #[test]
    fn what_fits_is_kept_whole() {
        assert_eq!(captured(6, &[b"ab", b"cd\r\n"]), "abcd");
        assert_eq!(captured(6, &[b"ab\n\n"]), "ab\n");
        assert_eq!(captured(6, &[b"a\xffb"]), "a\u{fffd}b");
    }

    #[test]
    fn past_the_limit_both_ends_are_kept() {
        let text = captured(10, &[b"0123456789", b"abcde", b"f", b"vwxyz"]);
        assert_eq!(text, "01234\n[… 11 bytes left out, past the limit of 10 …]\nvwxyz");
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        let chunks = ["aé€€é".as_bytes(), b"z"];
        for (limit, tail) in [(4, "z"), (5, "éz"), (6, "éz")] {
            let text = captured(limit, &chunks);
            assert!(!text.contains('\u{fffd}'), "{text}");
            assert!(text.starts_with("a\n[") || text.starts_with("aé\n["), "{text}");
            assert!(text.ends_with(&format!("]\n{tail}")), "{text}");
        }
    }

    proptest! {
        #[test]
        fn memory_and_ends_hold_whatever_the_chunks(
            chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20),
            limit in 0usize..64,
        ) {
            let mut capture = Capture::new(limit);
            for chunk in &chunks {
                capture.push(chunk);
            }
            let all = chunks.concat();
            prop_assert!(capture.head.len() + capture.tail.len() <= limit);
            prop_assert_eq!(capture.truncated(), all.len() > limit);
            prop_assert!(all.starts_with(&capture.head));
            prop_assert!(all.ends_with(capture.tail.make_contiguous()));
            prop_assert_eq!(capture.head.len() + capture.tail.len(), all.len().min(limit));
        }
    }
}
