//! How lists of names read in a message.

/// `` `a`, `b` or `c` ``.
pub(super) fn alternatives<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    join(names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect(), "or")
}

/// `` `a`, `b` and `c` ``.
pub(super) fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    join(names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect(), "and")
}

/// `a, b or c`, the words as they are.
pub(super) fn join(mut words: Vec<String>, last: &str) -> String {
    match words.pop() {
        None => String::new(),
        Some(only) if words.is_empty() => only,
        Some(end) => format!("{} {last} {end}", words.join(", ")),
    }
}

/// Lists longer than this help nobody.
const LONGEST: usize = 30;

/// What to do about a wrong name: the nearest known one, or all of them.
pub(super) fn help_for<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
    what: &str,
) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = crate::diagnostic::nearest(wrong, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    (!known.is_empty() && known.len() <= LONGEST)
        .then(|| format!("known {what}: {}", listed(known)))
}
