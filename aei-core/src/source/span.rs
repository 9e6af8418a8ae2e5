use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// A range of bytes in a [`SourceMap`](super::SourceMap).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The place of things that no document holds, such as defaults.
    pub const NONE: Self = Self { start: 0, end: 0 };

    /// A range.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Whether this is [`Span::NONE`].
    pub const fn is_none(self) -> bool {
        self.end == 0
    }

    /// From the start of this to the end of the other.
    pub const fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }

    /// A part of this span, by byte offsets from its start. Kept within the span.
    pub fn part(self, start: usize, end: usize) -> Self {
        let at = |offset: usize| {
            u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(self.start).min(self.end)
        };
        Self { start: at(start), end: at(end) }
    }

    pub(super) const fn pack(self) -> u64 {
        ((self.start as u64) << 32) | self.end as u64
    }
}

/// Through serde, a span travels as one number.
impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let packed = u64::deserialize(deserializer)?;
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of `pack`")]
        Ok(Self { start: (packed >> 32) as u32, end: packed as u32 })
    }
}

/// A value with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value with its place.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// The names by which the deserialiser of nodes knows who wants a span.
pub(super) const SPANNED: &str = "$Spanned";
pub(super) const SPAN: &str = "$span";
pub(super) const VALUE: &str = "$value";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pair<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Pair<T> {
            type Value = Spanned<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Spanned<T>, A::Error> {
                let (Some((_, span)), Some((_, value))) = (
                    map.next_entry::<de::IgnoredAny, _>()?,
                    map.next_entry::<de::IgnoredAny, _>()?,
                ) else {
                    return Err(de::Error::custom("spanned values come from nodes only"));
                };
                Ok(Spanned { value, span })
            }
        }

        deserializer.deserialize_struct(SPANNED, &[SPAN, VALUE], Pair(std::marker::PhantomData))
    }
}
