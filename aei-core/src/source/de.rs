//! serde's view of a [`Node`]: typed values out of a tree, with places.

use serde::de::value::{BorrowedStrDeserializer, U64Deserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::span::{SPAN, SPANNED, VALUE};
use super::{Key, Node, NodeValue, Span};

/// A node that does not fit the type asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    /// What is wrong.
    pub message: String,
    /// Where, as near as is known.
    pub span: Span,
}

impl de::Error for DecodeError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: Span::NONE }
    }
}

/// Makes a typed value of a node. Fields called `$span` receive the node's place.
pub fn from_node<T: DeserializeOwned>(node: Node) -> Result<T, DecodeError> {
    T::deserialize(NodeDeserializer(node))
}

struct NodeDeserializer(Node);

fn placed<T>(span: Span, result: Result<T, DecodeError>) -> Result<T, DecodeError> {
    result.map_err(|mut error| {
        if error.span.is_none() {
            error.span = span;
        }
        error
    })
}

impl<'de> Deserializer<'de> for NodeDeserializer {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let span = self.0.span;
        placed(
            span,
            match self.0.value {
                NodeValue::Null => visitor.visit_unit(),
                NodeValue::Bool(b) => visitor.visit_bool(b),
                NodeValue::Int(i) => visitor.visit_i64(i),
                NodeValue::Float(f) => visitor.visit_f64(f),
                NodeValue::String(s) => visitor.visit_str(&s),
                NodeValue::List(items) => visitor.visit_seq(Items(items.into_iter())),
                NodeValue::Map(entries) => {
                    visitor.visit_map(MapItems::new(entries.into_vec(), None))
                }
            },
        )
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0.value {
            NodeValue::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let span = self.0.span;
        if name == SPANNED {
            return placed(span, visitor.visit_map(Pair { span: Some(span), node: Some(self.0) }));
        }
        match self.0.value {
            NodeValue::Map(entries) => {
                let own = fields.contains(&SPAN).then_some(span);
                placed(span, visitor.visit_map(MapItems::new(entries.into_vec(), own)))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let span = self.0.span;
        placed(span, visitor.visit_enum(Variant(self.0)))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items(std::vec::IntoIter<Node>);

impl<'de> SeqAccess<'de> for Items {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        self.0.next().map(|node| seed.deserialize(NodeDeserializer(node))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct MapItems {
    entries: std::vec::IntoIter<(Key, Node)>,
    own_span: Option<Span>,
    value: Option<Result<Node, Span>>,
}

impl MapItems {
    fn new(entries: Vec<(Key, Node)>, own_span: Option<Span>) -> Self {
        Self { entries: entries.into_iter(), own_span, value: None }
    }
}

impl<'de> MapAccess<'de> for MapItems {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        if let Some(span) = self.own_span.take() {
            self.value = Some(Err(span));
            return seed.deserialize(BorrowedStrDeserializer::new(SPAN)).map(Some);
        }
        let Some((key, node)) = self.entries.next() else { return Ok(None) };
        self.value = Some(Ok(node));
        let span = key.span;
        let key = Node::new(NodeValue::String(key.name), span);
        placed(span, seed.deserialize(NodeDeserializer(key))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        match self.value.take() {
            Some(Ok(node)) => seed.deserialize(NodeDeserializer(node)),
            Some(Err(span)) => seed.deserialize(U64Deserializer::new(span.pack())),
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

struct Pair {
    span: Option<Span>,
    node: Option<Node>,
}

impl<'de> MapAccess<'de> for Pair {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        let key = match (self.span, &self.node) {
            (Some(_), _) => SPAN,
            (None, Some(_)) => VALUE,
            (None, None) => return Ok(None),
        };
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        match (self.span.take(), self.node.take()) {
            (Some(span), node) => {
                self.node = node;
                seed.deserialize(U64Deserializer::new(span.pack()))
            }
            (None, Some(node)) => seed.deserialize(NodeDeserializer(node)),
            (None, None) => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}

/// `name` or `{ name: content }`.
struct Variant(Node);

impl<'de> EnumAccess<'de> for Variant {
    type Error = DecodeError;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content), DecodeError> {
        let span = self.0.span;
        let (name, content) = match self.0.value {
            NodeValue::Map(entries) => match <[_; 1]>::try_from(entries.into_vec()) {
                Ok([(key, content)]) => {
                    (Node::new(NodeValue::String(key.name), key.span), Some(content))
                }
                Err(entries) => (Node::new(NodeValue::Map(entries.into_boxed_slice()), span), None),
            },
            value => (Node::new(value, span), None),
        };
        let name = placed(span, seed.deserialize(NodeDeserializer(name)))?;
        Ok((name, Content(content)))
    }
}

struct Content(Option<Node>);

impl<'de> VariantAccess<'de> for Content {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.0 {
            None => Ok(()),
            Some(node) => Err(DecodeError {
                message: "this name stands alone, without a value".into(),
                span: node.span,
            }),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        let node = self.0.ok_or_else(|| de::Error::custom("this name needs a value"))?;
        seed.deserialize(NodeDeserializer(node))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        let node = self.0.ok_or_else(|| de::Error::custom("this name needs a list"))?;
        NodeDeserializer(node).deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let node = self.0.ok_or_else(|| de::Error::custom("this name needs a map"))?;
        NodeDeserializer(node).deserialize_struct("", fields, visitor)
    }
}
