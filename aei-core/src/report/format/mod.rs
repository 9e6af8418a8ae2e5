//! Reports for other eyes: files that people and other tools read.
//!
//! Each format is a function from a [`CaseSource`](super::CaseSource) to bytes.
