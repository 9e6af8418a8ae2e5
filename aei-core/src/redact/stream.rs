use std::sync::Arc;

use super::redactor::{MASK, Redactor};

/// Takes secrets out of a stream that arrives in pieces.
///
/// Keeps back what may be the start of a secret, and only that, until more comes or the end.
/// The pieces together are what [`Redactor::clean`] makes of the whole.
#[derive(Debug)]
pub struct StreamRedactor {
    redactor: Arc<Redactor>,
    kept: String,
    /// How many of the bytes kept lie in a secret whose mask is out already.
    masked: usize,
}

impl StreamRedactor {
    /// A stream without anything in it yet.
    pub const fn new(redactor: Arc<Redactor>) -> Self {
        Self { redactor, kept: String::new(), masked: 0 }
    }

    /// Takes the next piece; gives what is safe to show.
    pub fn push(&mut self, text: &str) -> String {
        if self.redactor.is_empty() {
            return text.to_owned();
        }
        self.kept.push_str(text);
        let hold = self.redactor.possible_start(&self.kept);
        self.release(hold)
    }

    /// Gives what was kept back.
    pub fn finish(&mut self) -> String {
        self.release(self.kept.len())
    }

    /// Gives the text up to a place that no secret still to come begins before.
    fn release(&mut self, hold: usize) -> String {
        let mut out = String::with_capacity(hold);
        let mut at = 0;
        let mut rest = 0;
        for range in self.redactor.secrets(&self.kept, self.masked) {
            if range.start >= hold && range.start > 0 {
                break;
            }
            if range.start == 0 && self.masked > 0 {
                // Its mask is out.
            } else if range.start < hold {
                out.push_str(&self.kept[at..range.start]);
                out.push_str(MASK);
            } else {
                break;
            }
            at = range.end;
            rest = range.end.saturating_sub(hold);
        }
        if at < hold {
            out.push_str(&self.kept[at..hold]);
        }
        self.masked = rest;
        self.kept.drain(..hold);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(secrets: &[&str]) -> StreamRedactor {
        StreamRedactor::new(Arc::new(Redactor::new(secrets)))
    }

    #[test]
    fn a_secret_cut_in_two_is_hidden() {
        let mut stream = stream(&["s3cret-token"]);
        assert_eq!(stream.push("a line\nwith s3cr"), "a line\nwith ");
        assert_eq!(stream.push("et-to"), "");
        assert_eq!(stream.push("ken in it"), "*** in it");
        assert_eq!(stream.push(" s3cr"), " ");
        assert_eq!(stream.finish(), "s3cr");
        assert_eq!(stream.finish(), "");
    }

    #[test]
    fn what_cannot_be_a_secret_is_not_kept_back() {
        let secret = "x".repeat(5000);
        let mut stream = stream(&[&secret]);
        assert_eq!(stream.push("listening on port 80"), "listening on port 80");
    }

    #[test]
    fn secrets_that_repeat_or_overlap_do_not_pile_up() {
        let mut stream = stream(&["aaa"]);
        let shown: String = (0..1000).map(|_| stream.push("aaaa")).collect();
        assert!(stream.kept.len() < 3, "{}", stream.kept.len());
        assert_eq!(shown + &stream.finish(), "***");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn pieces_give_what_the_whole_gives(
            secrets in prop::collection::vec("[abé]{3,5}", 1..4),
            pieces in prop::collection::vec("[abcé]{0,6}", 0..12),
        ) {
            let redactor = Redactor::new(&secrets);
            let mut whole = pieces.concat();
            redactor.clean(&mut whole);
            let mut stream = StreamRedactor::new(Arc::new(redactor));
            let mut parts: String = pieces.iter().map(|piece| stream.push(piece)).collect();
            parts += &stream.finish();
            prop_assert_eq!(parts, whole);
        }
    }
}
