use aei_core::redact::Redactor;
use serde_json::{Map, Value};

/// The longest text of an outcome that is kept whole in events, in bytes.
const MAX_TEXT: usize = 4096;
/// The most elements of one list or map.
const MAX_ITEMS: usize = 100;
/// The most values of an outcome altogether.
const MAX_VALUES: usize = 1000;

/// An outcome as events carry it: long texts, lists and maps cut, and saying so.
///
/// Secrets go before the cut: half a secret would not be found later.
pub(crate) fn excerpt(outcome: &Value, redactor: &Redactor) -> Value {
    cut(outcome, redactor, &mut MAX_VALUES.clone())
}

fn cut(value: &Value, redactor: &Redactor, left: &mut usize) -> Value {
    *left = left.saturating_sub(1);
    match value {
        Value::String(text) if text.len() > MAX_TEXT => {
            cut_text(redactor.cleaned(text).as_deref().unwrap_or(text)).into()
        }
        Value::Array(items) => {
            let mut kept = Vec::with_capacity(items.len().min(MAX_ITEMS));
            for item in items {
                if kept.len() == MAX_ITEMS || *left == 0 {
                    kept.push(more(items.len() - kept.len(), "elements").into());
                    break;
                }
                kept.push(cut(item, redactor, left));
            }
            Value::Array(kept)
        }
        Value::Object(map) => {
            let mut kept = Map::new();
            for (key, item) in map {
                if kept.len() == MAX_ITEMS || *left == 0 {
                    kept.insert("…".to_owned(), more(map.len() - kept.len(), "entries").into());
                    break;
                }
                kept.insert(key.clone(), cut(item, redactor, left));
            }
            Value::Object(kept)
        }
        plain => plain.clone(),
    }
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
        assert_eq!(excerpt(&outcome, &Redactor::default()), outcome);
    }

    #[test]
    fn large_ones_are_cut_and_say_so() {
        let cut = excerpt(
            &json!({ "text": "é".repeat(5000), "list": vec![1; 500] }),
            &Redactor::default(),
        );
        let text = cut["text"].as_str().unwrap();
        assert!(text.len() < 4200 && text.ends_with("… (5904 more bytes)"), "{text}");
        assert_eq!(cut["list"].as_array().unwrap().len(), 101);
        assert_eq!(cut["list"][100], "… (400 more elements)");
        let secret = Redactor::new(["topsecret"]);
        let text = format!("{}topsecret", "x".repeat(MAX_TEXT - 3));
        assert!(!excerpt(&json!(text), &secret).to_string().contains("top"));
        let deep = json!(vec![vec![vec![1; 100]; 100]; 100]);
        assert!(excerpt(&deep, &Redactor::default()).to_string().len() < 20_000);
    }
}
