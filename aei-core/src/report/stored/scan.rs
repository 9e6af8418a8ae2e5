use memchr::memchr2;

/// Finds the end of one JSON value in text that comes in pieces. It knows strings and brackets
/// only; whether what it finds is JSON is for the parser to say.
#[derive(Debug, Default)]
pub(super) struct ValueScan {
    depth: usize,
    in_string: bool,
    after_backslash: bool,
    scalar: bool,
}

impl ValueScan {
    /// Takes the next piece. When the value ends in it: how many bytes of the piece belong to it.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < piece.len() {
            if self.after_backslash {
                self.after_backslash = false;
                at += 1;
                continue;
            }
            if self.in_string {
                at += memchr2(b'"', b'\\', &piece[at..])?;
                self.after_backslash = piece[at] == b'\\';
                self.in_string = self.after_backslash;
                at += 1;
                if !self.in_string && self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            match piece[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' | b',' if self.scalar && self.depth == 0 => return Some(at),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                c => self.scalar |= self.depth == 0 && !c.is_ascii_whitespace(),
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            r#"[a-z"\\{}\[\],\n é]{0,8}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((r#"[a-z"\\}]{0,4}"#, inner), 0..4)
                    .prop_map(|entries| entries.into_iter().collect::<Value>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn finds_the_end(value in value(), pretty: bool, cut in 0_usize..100) {
            let text = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let all = format!("{text},{{");
            let (first, second) = all.as_bytes().split_at(cut.min(all.len()));
            let mut scan = ValueScan::default();
            let end = scan.feed(first).or_else(|| scan.feed(second).map(|n| n + first.len()));
            prop_assert_eq!(end, Some(text.len()));
        }
    }
}
