use serde_json::{Map, Value};

/// How many bytes of a value a result may carry.
pub(super) const BUDGET: usize = 4 * 1024;

/// A copy of a value that carries about [`BUDGET`] bytes at most; what is left out is counted.
pub(super) fn excerpt(value: &Value) -> Value {
    let mut left = BUDGET;
    cut(value, &mut left)
}

/// Whether [`excerpt`] would leave something out.
pub(super) fn is_long(value: &Value) -> bool {
    fn take(value: &Value, left: &mut usize) -> bool {
        let own = match value {
            Value::String(text) => text.len(),
            _ => 8,
        };
        let Some(rest) = left.checked_sub(own) else { return false };
        *left = rest;
        match value {
            Value::Array(items) => items.iter().all(|item| take(item, left)),
            Value::Object(map) => map.iter().all(|(key, item)| {
                *left = left.saturating_sub(key.len());
                take(item, left)
            }),
            _ => true,
        }
    }
    !take(value, &mut BUDGET.clone())
}

fn cut(value: &Value, left: &mut usize) -> Value {
    match value {
        Value::String(text) => {
            let short = cut_text(text, *left);
            *left = left.saturating_sub(text.len().max(8));
            Value::String(short)
        }
        Value::Array(items) => {
            let mut short = Vec::new();
            for (index, item) in items.iter().enumerate() {
                if *left < 8 {
                    short.push(Value::String(format!("… {} more", items.len() - index)));
                    break;
                }
                *left -= 8;
                short.push(cut(item, left));
            }
            Value::Array(short)
        }
        Value::Object(map) => {
            let mut short = Map::new();
            for (index, (key, item)) in map.iter().enumerate() {
                if *left < key.len() + 8 {
                    short.insert("…".into(), Value::String(format!("{} more", map.len() - index)));
                    break;
                }
                *left -= key.len() + 8;
                short.insert(key.clone(), cut(item, left));
            }
            Value::Object(short)
        }
        small => small.clone(),
    }
}

/// The first bytes of a text, with a marker when there are more.
pub(super) fn cut_text(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(most);
    format!("{}… ({} more bytes)", &text[..end], text.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_values_are_cut_with_a_marker() {
        let text = "é".repeat(5000);
        let short = excerpt(&Value::from(text.as_str()));
        let short = short.as_str().unwrap();
        assert!(short.len() < BUDGET + 40 && short.ends_with("more bytes)"), "{}", short.len());
        let list = json!(vec![1; 100_000]);
        assert!(is_long(&list));
        let short = excerpt(&list);
        assert!(short.as_array().unwrap().len() < 600);
        assert!(short.as_array().unwrap().last().unwrap().as_str().unwrap().starts_with("… 99"));
        let map = json!({"a": text, "b": {"c": 1}});
        assert!(excerpt(&map).to_string().len() < BUDGET + 100);
    }

    #[test]
    fn short_values_stay() {
        let value = json!({"a": [1, "x", null], "b": {"c": 1.5}});
        assert!(!is_long(&value));
        assert_eq!(excerpt(&value), value);
    }
}
