//! The template that a person starts from when there is nothing to start from.

use super::Generated;

/// A template that runs and passes, with comments that show the way.
pub(super) fn template() -> Generated {
    Generated { text: TEXT.to_owned(), notes: Vec::new() }
}

const TEXT: &str = include_str!("blank.aei.yaml");
