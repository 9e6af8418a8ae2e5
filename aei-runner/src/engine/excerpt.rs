use aei_core::redact::Redactor;
use serde_json::Value;

/// The longest text of an outcome that is kept whole in events, in bytes.
const MAX_TEXT: usize = 4096;
/// The most elements of one list or map.
const MAX_ITEMS: usize = 100;
/// The most values of an outcome altogether.
const MAX_VALUES: usize = 1000;

/// An outcome as events carry it: long texts, lists and maps cut, and saying so.
///
/// Secrets go before the cut: half a secret would not be found later.
pub(crate) fn excerpt(mut outcome: Value, redactor: &Redactor) -> Value {
    cut(&mut outcome, redactor, &mut MAX_VALUES.clone());
    outcome
}

fn cut(value: &mut Value, redactor: &Redactor, left: &mut usize) {
    *left = left.saturating_sub(1);
    match value {
        Value::String(text) if text.len() > MAX_TEXT => {
            *text = cut_text(redactor.cleaned(text).as_deref().unwrap_or(text));
        }
        Value::Array(items) => {
            let (whole, kept) = (items.len(), cut_each(items.iter_mut(), redactor, left));
            if kept < whole {
                items.truncate(kept);
                items.push(more(whole - kept, "elements").into());
            }
        }
        Value::Object(map) => {
            let (whole, kept) = (map.len(), cut_each(map.values_mut(), redactor, left));
            if kept < whole {
                *map = std::mem::take(map).into_iter().take(kept).collect();
                map.insert("…".to_owned(), more(whole - kept, "entries").into());
            }
        }
        _ => {}
    }
}

/// Cuts as many values as there is room for, and says how many that are.
fn cut_each<'a>(
    values: impl Iterator<Item = &'a mut Value>,
    redactor: &Redactor,
    left: &mut usize,
) -> usize {
    let mut kept = 0;
    for value in values.take(MAX_ITEMS) {
        if *left == 0 {
            break;
        }
        cut(value, redactor, left);
        kept += 1;
    }
    kept
}

fn cut_text(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(MAX_TEXT);
    format!("{}{}", &text[..end], more(text.len() - end, "bytes"))
}

fn more(count: usize, what: &str) -> String {
    format!("… ({count} more {what})")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn small_outcomes_stay_as_they_are() {
        let outcome = json!({ "status": 200, "json": [1, null, { "a": "b" }] });
        assert_eq!(excerpt(outcome.clone(), &Redactor::default()), outcome);
    }

    #[test]
    fn large_ones_are_cut_and_say_so() {
        let cut = excerpt(
            json!({ "text": "é".repeat(5000), "list": vec![1; 500] }),
            &Redactor::default(),
        );
        let text = cut["text"].as_str().unwrap();
        assert!(text.len() < 4200 && text.ends_with("… (5904 more bytes)"), "{text}");
        assert_eq!(cut["list"].as_array().unwrap().len(), 101);
        assert_eq!(cut["list"][100], "… (400 more elements)");
        let secret = Redactor::new(["topsecret"]);
        let text = format!("{}topsecret", "x".repeat(MAX_TEXT - 3));
        assert!(!excerpt(json!(text), &secret).to_string().contains("top"));
        let deep = json!(vec![vec![vec![1; 100]; 100]; 100]);
        assert!(excerpt(deep, &Redactor::default()).to_string().len() < 20_000);
    }
}
