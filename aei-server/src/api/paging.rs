//! Lists in parts: a cursor is where the last part ended.

use aei_core::api::{Page, PageQuery};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::ApiError;

/// Where a list sorted by time and id goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) at: i64,
    pub(crate) id: Uuid,
}

impl Cursor {
    /// Before everything.
    pub(crate) const START: Self = Self { at: i64::MIN, id: Uuid::nil() };
    /// After everything.
    pub(crate) const END: Self = Self { at: i64::MAX, id: Uuid::max() };
}

/// How many entries when nobody says.
const DEFAULT_LIMIT: u32 = 100;
/// The most entries.
const MAX_LIMIT: u32 = 500;

/// Which part of a list is asked for; `T` is where it goes on.
pub(crate) struct Part<T> {
    pub(crate) from: T,
    limit: usize,
}

/// Something that can be written as a cursor.
pub(crate) trait Place: Sized {
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

impl Place for Cursor {
    fn write(&self) -> String {
        format!("{}.{}", self.at, self.id.simple())
    }

    fn read(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self { at: at.parse().ok()?, id: id.parse().ok()? })
    }
}

impl Place for String {
    fn write(&self) -> String {
        self.clone()
    }

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Place for i64 {
    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<T: Place> Part<T> {
    /// Reads a query; a list without a cursor begins at `start`.
    pub(crate) fn new(query: &PageQuery, start: T) -> Result<Self, ApiError> {
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(ApiError::unprocessable("bad-limit", "`limit` goes from 1 to 500"));
        }
        let from = match &query.cursor {
            None => start,
            Some(text) => URL_SAFE_NO_PAD
                .decode(text)
                .ok()
                .and_then(|bytes| T::read(std::str::from_utf8(&bytes).ok()?))
                .ok_or_else(|| {
                    ApiError::unprocessable("bad-cursor", "this cursor is from no list here")
                        .detail("give the `next` of the part before, as it is")
                })?,
        };
        Ok(Self { from, limit: limit as usize })
    }

    /// How many rows to read: one more than wanted, to know whether there are more.
    pub(crate) fn rows(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Makes the part of rows and their places.
    pub(crate) fn page<R>(&self, mut rows: Vec<(T, R)>) -> Page<R> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = more.then(|| rows.last().map(|(place, _)| write(place))).flatten();
        Page { items: rows.into_iter().map(|(_, row)| row).collect(), next }
    }
}

fn write<T: Place>(place: &T) -> String {
    URL_SAFE_NO_PAD.encode(place.write())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back() {
        let cursor = Cursor { at: -5, id: Uuid::from_u128(7) };
        let query = PageQuery { cursor: Some(write(&cursor)), limit: Some(2) };
        let part = Part::new(&query, Cursor::START).unwrap();
        assert_eq!(part.from, cursor);
        let page = part.page((0..3).map(|n| (cursor, n)).collect());
        assert_eq!(page.items, [0, 1]);
        assert_eq!(page.next, query.cursor);
        for bad in ["%%", "AAAA", ""] {
            let query = PageQuery { cursor: Some(bad.into()), limit: None };
            assert!(Part::<Cursor>::new(&query, Cursor::START).is_err(), "{bad}");
        }
    }
}
