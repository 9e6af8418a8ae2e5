use std::fmt::Write as _;

use serde_json::{Map, Value};
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// How many lines a diff has at most, and how many lines that differ are looked at.
const MOST_SHOWN: usize = 200;
const MOST_COMPARED: usize = 2_000;
const CONTEXT: usize = 3;
const LONGEST_LINE: usize = 500;

/// Expected against actual as a unified diff, when there are lines to compare.
pub(super) fn of_values(expected: &Value, actual: &Value) -> Option<String> {
    match (expected, actual) {
        (Value::String(a), Value::String(b)) if a.contains('\n') || b.contains('\n') => {
            Some(of_texts(a, b))
        }
        (Value::Array(_) | Value::Object(_), Value::Array(_) | Value::Object(_)) => {
            Some(of_texts(&pretty(expected), &pretty(actual)))
        }
        _ => None,
    }
}

/// JSON over several lines, keys sorted.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(&sorted(value)).unwrap_or_default()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            Value::Object(
                entries.into_iter().map(|(k, v)| (k.clone(), sorted(v))).collect::<Map<_, _>>(),
            )
        }
        // `1` and `1.0` are the same value and must not show as a difference.
        Value::Number(number) => match number.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "exact below 2^53")]
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => {
                Value::from(float as i64)
            }
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// Two texts as a unified diff.
pub(super) fn of_texts(expected: &str, actual: &str) -> String {
    let old: Vec<&str> = expected.split('\n').collect();
    let new: Vec<&str> = actual.split('\n').collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let skip = head.saturating_sub(CONTEXT);
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b);
    let end = tail.count().saturating_sub(CONTEXT);
    let (old, old_cut) = capped(&old[skip..old.len() - end]);
    let (new, new_cut) = capped(&new[skip..new.len() - end]);

    let mut text = String::from("--- expected\n+++ actual\n");
    let mut shown = 0;
    let mut left_out = 0;
    let ops = capture_diff_slices(Algorithm::Myers, old, new);
    for group in group_diff_ops(ops, CONTEXT) {
        if let (Some(first), Some(last)) = (group.first(), group.last()) {
            let range = |from: usize, to: usize| (skip + from + usize::from(to > from), to - from);
            let (old_at, old_lines) = range(first.old_range().start, last.old_range().end);
            let (new_at, new_lines) = range(first.new_range().start, last.new_range().end);
            if shown < MOST_SHOWN {
                // Writing to a `String` cannot fail.
                let _ = writeln!(text, "@@ -{old_at},{old_lines} +{new_at},{new_lines} @@");
            }
        }
        for (sign, line) in group.iter().flat_map(|op| lines(op, old, new)) {
            if shown < MOST_SHOWN {
                let line = super::excerpt::cut_text(line, LONGEST_LINE);
                let _ = writeln!(text, "{sign}{line}");
                shown += 1;
            } else {
                left_out += 1;
            }
        }
    }
    left_out += old_cut + new_cut;
    if left_out > 0 {
        let _ = writeln!(text, "… {left_out} more lines");
    }
    text
}

fn capped<'a, 'b>(lines: &'b [&'a str]) -> (&'b [&'a str], usize) {
    let kept = lines.len().min(MOST_COMPARED);
    (&lines[..kept], lines.len() - kept)
}

fn lines<'a>(op: &DiffOp, old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let signed = |sign: char, lines: &[&'a str]| -> Vec<_> {
        lines.iter().map(|line| (sign, *line)).collect()
    };
    if let DiffOp::Equal { .. } = op {
        return signed(' ', &old[op.old_range()]);
    }
    let mut lines = signed('-', &old[op.old_range()]);
    lines.extend(signed('+', &new[op.new_range()]));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_differ_by_line() {
        let old: String = (0..20).flat_map(|i| [i.to_string(), "\n".into()]).collect();
        let new = old.replace("10\n", "ten\n");
        assert_eq!(
            of_texts(&old, &new),
            "--- expected\n+++ actual\n@@ -8,7 +8,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n"
        );
    }

    #[test]
    fn maps_differ_by_entry_whatever_their_order() {
        let diff = of_values(&json!({"b": 1, "a": 2.0}), &json!({"a": 2, "b": 3})).unwrap();
        assert!(diff.contains("-  \"b\": 1\n+  \"b\": 3\n"), "{diff}");
        assert!(!diff.contains("-  \"a\""), "{diff}");
        assert_eq!(of_values(&json!(1), &json!(2)), None);
        assert_eq!(of_values(&json!("a"), &json!("b")), None);
    }

    #[test]
    fn large_differences_are_capped() {
        let old: String = (0..100_000).flat_map(|i| [i.to_string(), "\n".into()]).collect();
        let new: String =
            (0..100_000).flat_map(|i| [(i * 7 + 1).to_string(), "\n".into()]).collect();
        let diff = of_texts(&old, &new);
        assert!(diff.lines().count() < MOST_SHOWN + 10, "{}", diff.lines().count());
        assert!(diff.trim_end().ends_with("more lines"));
    }
}
